# SPDX-License-Identifier: LGPL-2.1-or-later
"""Every byte of struct boot_params by name: Linux arch/x86/include/uapi/asm/bootparam.h,
include/uapi/linux/{screen_info,apm_bios,edd}.h and Documentation/arch/x86/zero-page.rst."""

BYTES = 4096
E820_MOST = 128
EDD_MOST = 6
MBR_MOST = 16

# Offset, prefix, "name:bytes" in order.
STRUCTURES = (
    (0x000, "screen_info.",
     "orig_x:1 orig_y:1 ext_mem_k:2 orig_video_page:2 orig_video_mode:1 orig_video_cols:1 flags:1 "
     "unused2:1 orig_video_ega_bx:2 unused3:2 orig_video_lines:1 orig_video_isVGA:1 "
     "orig_video_points:2 lfb_width:2 lfb_height:2 lfb_depth:2 lfb_base:4 lfb_size:4 cl_magic:2 "
     "cl_offset:2 lfb_linelength:2 red_size:1 red_pos:1 green_size:1 green_pos:1 blue_size:1 "
     "blue_pos:1 rsvd_size:1 rsvd_pos:1 vesapm_seg:2 vesapm_off:2 pages:2 vesa_attributes:2 "
     "capabilities:4 ext_lfb_base:4 reserved:2"),
    (0x040, "apm_bios_info.",
     "version:2 cseg:2 offset:4 cseg_16:2 dseg:2 flags:2 cseg_len:2 cseg_16_len:2 dseg_len:2"),
    (0x058, "", "tboot_addr:8"),
    (0x060, "ist_info.", "signature:4 command:4 event:4 perf_level:4"),
    (0x070, "", "acpi_rsdp_addr:8"),
    (0x080, "", "hd0_info:16 hd1_info:16"),
    (0x0a0, "sys_desc_table.", "length:2 table:14"),
    (0x0b0, "olpc_ofw_header.", "ofw_magic:4 ofw_version:4 cif_handler:4 irq_desc_table:4"),
    (0x0c0, "", "ext_ramdisk_image:4 ext_ramdisk_size:4 ext_cmd_line_ptr:4"),
    (0x13c, "", "cc_blob_address:4 edid_info:128"),
    (0x1c0, "efi_info.",
     "efi_loader_signature:4 efi_systab:4 efi_memdesc_size:4 efi_memdesc_version:4 efi_memmap:4 "
     "efi_memmap_size:4 efi_systab_hi:4 efi_memmap_hi:4"),
    (0x1e0, "",
     "alt_mem_k:4 scratch:4 e820_entries:1 eddbuf_entries:1 edd_mbr_sig_buf_entries:1 "
     "kbd_status:1 secure_boot:1"),
    (0x1ef, "", "sentinel:1"),
    (0x1f1, "hdr.",
     "setup_sects:1 root_flags:2 syssize:4 ram_size:2 vid_mode:2 root_dev:2 boot_flag:2 jump:2 "
     "header:4 version:2 realmode_swtch:4 start_sys_seg:2 kernel_version:2 type_of_loader:1 "
     "loadflags:1 setup_move_size:2 code32_start:4 ramdisk_image:4 ramdisk_size:4 "
     "bootsect_kludge:4 heap_end_ptr:2 ext_loader_ver:1 ext_loader_type:1 cmd_line_ptr:4 "
     "initrd_addr_max:4 kernel_alignment:4 relocatable_kernel:1 min_alignment:1 xloadflags:2 "
     "cmdline_size:4 hardware_subarch:4 hardware_subarch_data:8 payload_offset:4 "
     "payload_length:4 setup_data:8 pref_address:8 init_size:4 handover_offset:4 "
     "kernel_info_offset:4"),
    *((0x290 + 4 * i, f"edd_mbr_sig_buffer.{i}", ":4") for i in range(MBR_MOST)),
    (0x2d0, "", f"e820_table:{20 * E820_MOST}"),
    *((0xd00 + 82 * i, f"eddbuf.{i}.",
       "device:1 version:1 interface_support:2 legacy_max_cylinder:2 legacy_max_head:1 "
       "legacy_sectors_per_track:1 params.length:2 params.info_flags:2 "
       "params.num_default_cylinders:4 params.num_default_heads:4 params.sectors_per_track:4 "
       "params.number_of_sectors:8 params.bytes_per_sector:2 params.dpte_ptr:4 params.key:2 "
       "params.device_path_info_length:1 params.reserved2:1 params.reserved3:2 "
       "params.host_bus_type:4 params.interface_type:8 params.interface_path:8 "
       "params.device_path:16 params.reserved4:1 params.checksum:1") for i in range(EDD_MOST)),
)


def _layout():
    """(offset, bytes, name) of every field; what no structure names is "unused"."""
    at = 0
    for start, prefix, names in STRUCTURES:
        if start > at:
            yield at, start - at, f"unused.{at:#x}"
        at = start
        for name, _, size in (each.rpartition(":") for each in names.split()):
            yield at, int(size), prefix + name
            at += int(size)
    yield at, BYTES - at, f"unused.{at:#x}"


LAYOUT = tuple(_layout())


def parse(page):
    """-> {name: number}; of what is wider than a number, its bytes."""
    fields = {}
    for at, size, name in LAYOUT:
        data = page[at:at + size]
        fields[name] = int.from_bytes(data, "little") if size in (1, 2, 4, 8) else data
    return fields
