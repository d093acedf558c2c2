/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The park page: every instruction of trampoline/park.S, on CPUs that share one page. An NMI or a
 * machine check may come at any instruction of any CPU, as hardware allows: an NMI unless one is
 * latched, a machine check unless CR4.MCE is 0 or MCIP is set (either would be a shutdown), and
 * neither when GIF is clear. What an exception pushes over the constant frame, and what IRET pops,
 * goes one dword at a time, with every interleaving.
 *
 * Claims: every IRET finds ESP at the frame and pops the constant frame, so it lands at `parked`;
 * the scratch stack is never deeper than park.S says; each CPU is counted as arrived once; a CPU
 * that halts has arrived, and takes the next NMI and the next machine check.
 *
 * A line "= text" names the instruction of park.S that it stands for; tests/model/run holds the list
 * of them against that file. Instructions that touch neither ESP nor memory that others read are one
 * step with their neighbours: to be interrupted before or after them is the same. Which vector
 * leads where, what the counters and the last IDs hold, and CPUs without MCE are not modelled.
 *
 * CLGI		one CPU is to wait with GIF clear, which its processor may refuse by a fault
 *
 * Twins, each of which must be refuted:
 *	TWIN_SLOT	the frame's EFLAGS are others than an exception pushes there
 *	TWIN_FAR	#MC leaves by a far return, which pops two slots: an exception right after
 *			it pushes EFLAGS where the frame has CS, and CS where it has EIP
 *	TWIN_JMP	#MC leaves by a jump: an NMI that it interrupted stays latched
 *	TWIN_LATE	`parked` resets ESP by its second instruction, not by its first
 *	TWIN_COUNT	the count of arrivals and the ticket are two instructions
 *	TWIN_MCIP	the NMI handler leaves MCIP to the #MC handler that it interrupted
 *	TWIN_DEPTH	a dword less of scratch than park.S says is in reach
 */

#ifndef CPUS
#define CPUS		3
#endif

/* Dwords of the page, in order: the scratch stack, then the frame's EIP, CS, EFLAGS. */
#define FRAME		16
#define NOWHERE		0               /* real mode, SS not yet set: not in the page */
#ifdef CLGI
#define REACH		10              /* 40 bytes of the 64: park.S */
#else
#define REACH		6               /* without the fault: 24 */
#endif
#ifdef TWIN_DEPTH
#define DEEPEST		(FRAME - REACH + 1)
#else
#define DEEPEST		(FRAME - REACH)
#endif

#define SLOT_CS		100
#define SLOT_EFLAGS	101
#ifdef TWIN_SLOT
#define FRAME_EFLAGS	102
#else
#define FRAME_EFLAGS	SLOT_EFLAGS
#endif

/* Where a CPU is: before the instruction, or the first of those, that the name says. */
#define ENTRY		1               /* real mode */
#define STACK		2
#define MCIP		3
#define ALLOW_MC	4
#define LEARN		5
#define RM_NMI		6
#define RM_MC		7
#define UNLATCH		8               /* protected mode */
#define PARKED		9
#define PARKED_2	10
#define BITMAP		11
#define COUNT		12
#define COUNT_2		13
#define WAIT		14
#define HALT		15
#define NMI		16
#define NMI_COUNT	17
#define NMI_MCIP	18
#define NMI_IRET	19
#define MC		20
#define MC_MCIP		21
#define MC_COUNT	22
#define MC_IRET		23
#define FAULT		24
#define FAULT_2		25
#define FAULT_IRET	26
#define GIF_CLEAR	27              /* nothing comes through */

#define REAL_MODE	(pc < UNLATCH)
#define PROTECTED_MODE	(pc >= UNLATCH && pc < GIF_CLEAR)

byte frame[3];
byte arrived;

/* Scratch is never read, as the assertion in IRET shows, so what it holds is not kept. */
inline push(value)
{
	atomic {
		esp--;
		assert(esp >= DEEPEST);
		if
		:: esp >= FRAME -> frame[esp - FRAME] = value
		:: else
		fi
	}
}

/* An exception pushes these many dwords below the frame, where nobody looks. */
inline below(dwords, handler)
{
	esp = esp - dwords;
	assert(esp >= DEEPEST);
	pc = handler
}

/* Six bytes, said as two dwords. Before SP is set they go elsewhere. */
inline real_mode_exception(handler)
{
	if
	:: esp == NOWHERE -> pc = handler
	:: else -> below(2, handler)
	fi
}

inline iret()
{
	assert(esp == FRAME);
	assert(frame[0] == PARKED);
	assert(frame[1] == SLOT_CS);
	atomic {
		assert(frame[2] == FRAME_EFLAGS);
		esp = FRAME + 3;
		latched = false;
		pc = PARKED
	}
}

inline leave_mc()
{
#if defined(TWIN_FAR)
	assert(frame[0] == PARKED);
	atomic {
		assert(frame[1] == SLOT_CS);
		esp = FRAME + 2;
		pc = PARKED
	}
#elif defined(TWIN_JMP)
	pc = PARKED
#else
	iret()
#endif
}

/* A CPU that comes by SIPI, with NMIs latched or MCIP set as the old kernel left them. */
proctype cpu(bool latched, mcip, clgi)
{
	byte pc = ENTRY, esp = NOWHERE;
	bool mce, ticket;

	do
	:: atomic { PROTECTED_MODE && !latched && esp <= FRAME -> latched = true; below(3, NMI) }
	:: atomic { PROTECTED_MODE && !latched && esp > FRAME -> latched = true; push(SLOT_EFLAGS) }
		push(SLOT_CS);
		atomic { push(pc); pc = NMI }
	:: atomic { PROTECTED_MODE && !mcip && esp <= FRAME -> mcip = true; below(3, MC) }
	:: atomic { PROTECTED_MODE && !mcip && esp > FRAME -> mcip = true; push(SLOT_EFLAGS) }
		push(SLOT_CS);
		atomic { push(pc); pc = MC }

	/* Until the first instruction an NMI finds the firmware's table: not ours. That MCE is set
	 * tells that the CPU has been here before. */
	:: atomic { REAL_MODE && !latched && (pc != ENTRY || mce) ->
		latched = true; real_mode_exception(RM_NMI) }
	:: atomic { REAL_MODE && !mcip && mce -> mcip = true; real_mode_exception(RM_MC) }

	:: pc == ENTRY ->                       /* = lidtw %cs:PARK_OFF_BRIDGE_IDTR */
		/* = jmp real_mode */
		pc = STACK
	:: pc == STACK ->
		/* = mov %cs, %ax */
		/* = mov %ax, %ss */
		/* = mov $PARK_OFF_FRAME, %sp */
		atomic { esp = FRAME; pc = MCIP }
	:: pc == MCIP ->
		/* = mov %ax, %ds */
		/* = mov $1, %eax */
		/* = cpuid */
		/* = shr $24, %ebx */
		/* = mov %ebx, %ebp */
		/* = xor %edi, %edi */
		/* = test $X86_CPUID1_EDX_MCE, %edx */
		/* = jz learn_id */
		/* = test $X86_CPUID1_EDX_MCA, %edx */
		/* = jz allow_mc */
		/* = inc %di */
		/* = mov $MSR_IA32_MCG_STATUS, %ecx */
		/* = xor %eax, %eax */
		/* = xor %edx, %edx */
		/* = wrmsr */
		atomic { mcip = false; pc = ALLOW_MC }
	:: pc == ALLOW_MC ->
		/* = mov %cr4, %eax */
		/* = or $X86_CR4_MCE, %eax */
		/* = mov %eax, %cr4 */
		atomic { mce = true; pc = LEARN }
	:: pc == LEARN ->
		/* = xor %eax, %eax */
		/* = cpuid */
		/* = cmp $0xb, %eax */
		/* = jb learn_mode */
		/* = mov $0xb, %eax */
		/* = xor %ecx, %ecx */
		/* = cpuid */
		/* = test %bx, %bx */
		/* = jz learn_mode */
		/* = mov %edx, %ebp */
		/* = mov $0x80000000, %eax */
		/* = cpuid */
		/* = xor %ebx, %ebx */
		/* = cmp $0x80000001, %eax */
		/* = jb leave_real_mode */
		/* = mov $0x80000001, %eax */
		/* = cpuid */
		/* = xor %ebx, %ebx */
		/* = cmpl $PARK_MODE_CLGI, PARK_OFF_MODE */
		/* = jne leave_real_mode */
		/* = and $X86_CPUID80000001_ECX_SVM, %ecx */
		/* = mov %ecx, %ebx */
		/* = mov $PARK_TICKET, %esi */
		/* = lgdtl PARK_OFF_GDTR */
		/* = mov %cr0, %eax */
		/* = and $~(X86_CR0_CD | X86_CR0_NW), %eax */
		/* = or $X86_CR0_PE, %eax */
		/* = mov %eax, %cr0 */
		pc = UNLATCH

	/* The rest of UNLATCH, where real mode's CS still is, comes first. */
		/* = ljmpl $PARK_CS, $(unlatch - page) */

	:: pc == RM_NMI -> pc = ENTRY           /* = lock incl %cs:PARK_OFF_NMI_COUNT */
		/* = jmp entry */
	:: pc == RM_MC -> pc = ENTRY            /* = lock incl %cs:PARK_OFF_MCE_COUNT */
		/* = jmp entry */

	:: pc == UNLATCH -> iret()              /* = iret */

#ifdef TWIN_LATE
	:: pc == PARKED -> pc = PARKED_2
	:: pc == PARKED_2 -> atomic { esp = FRAME; pc = (ticket -> WAIT : BITMAP) }
#else
	:: pc == PARKED ->                      /* = mov $PARK_OFF_FRAME, %esp */
		atomic { esp = FRAME; pc = PARKED_2 }
	:: pc == PARKED_2 ->
		/* = mov $PARK_DS, %eax */
		/* = mov %eax, %ds */
		/* = mov %eax, %ss */
		/* = lidt PARK_OFF_IDTR */
		/* = test %si, %si */
		/* = jnz wait */
		/* = cmp $PARK_BITMAP_IDS, %ebp */
		/* = jae count_me */
		pc = (ticket -> WAIT : BITMAP)
#endif
	:: pc == BITMAP -> pc = COUNT           /* = lock bts %ebp, PARK_OFF_BITMAP */
#ifdef TWIN_COUNT
	:: pc == COUNT -> atomic { arrived++; assert(arrived <= CPUS); pc = COUNT_2 }
	:: pc == COUNT_2 -> atomic { ticket = true; pc = WAIT }
#else
	:: pc == COUNT ->                       /* = lock xadd %esi, PARK_OFF_TAG */
		atomic { arrived++; assert(arrived <= CPUS); ticket = true; pc = WAIT }
#endif
	:: pc == WAIT && !clgi -> pc = HALT     /* = test %ebx, %ebx */
		/* = jz halt */
	:: atomic { pc == WAIT && clgi ->
		/* = mov $MSR_VM_CR, %ecx */
		/* = rdmsr */
		/* = test $MSR_VM_CR_SVMDIS, %eax */
		/* = jnz halt */
		/* = mov $MSR_EFER, %ecx */
		/* = rdmsr */
		/* = or $MSR_EFER_SVME, %eax */
		/* = wrmsr */
		/* = clgi */
		if
		:: pc = HALT
		:: pc = GIF_CLEAR
		:: below(4, FAULT)              /* an error code too */
		fi }
	:: pc == HALT || pc == GIF_CLEAR ->     /* = hlt */
		/* = jmp halt */
		assert(ticket && arrived >= 1);
		assert(pc == GIF_CLEAR || !latched && !mcip)

	/* CLEAR_MCIP, one step in either handler. */
		/* = test %edi, %edi */
		/* = jz .Lno_mca\@ */
		/* = mov $MSR_IA32_MCG_STATUS, %ecx */
		/* = xor %eax, %eax */
		/* = xor %edx, %edx */
		/* = wrmsr */

	:: pc == NMI ->                         /* = mov $PARK_OFF_FRAME, %esp */
		atomic { esp = FRAME; pc = NMI_COUNT }
	:: pc == NMI_COUNT -> pc = NMI_MCIP     /* = lock incl PARK_OFF_NMI_COUNT */
#ifdef TWIN_MCIP
	:: pc == NMI_MCIP -> pc = NMI_IRET
#else
	:: pc == NMI_MCIP ->                    /* = CLEAR_MCIP */
		/* = mov %ebp, PARK_OFF_LAST_NMI */
		atomic { mcip = false; pc = NMI_IRET }
#endif
	:: pc == NMI_IRET -> iret()             /* = iret */

	:: pc == MC ->                          /* = mov $PARK_OFF_FRAME, %esp */
		atomic { esp = FRAME; pc = MC_MCIP }
	:: pc == MC_MCIP ->                     /* = CLEAR_MCIP */
		atomic { mcip = false; pc = MC_COUNT }
	:: pc == MC_COUNT ->                    /* = lock incl PARK_OFF_MCE_COUNT */
		/* = mov %ebp, PARK_OFF_LAST_MCE */
		pc = MC_IRET
	:: pc == MC_IRET -> leave_mc()          /* = iret */

	:: pc == FAULT ->                       /* = mov $PARK_OFF_FRAME, %esp */
		atomic { esp = FRAME; pc = FAULT_2 }
	:: pc == FAULT_2 ->                     /* = xor %ebx, %ebx */
		atomic { clgi = false; pc = FAULT_IRET }
	:: pc == FAULT_IRET -> iret()           /* = iret */
	od
}

/* Any CPU may have NMIs latched, or MCIP set, from the old kernel. */
init {
	byte n;
	bool latched, mcip;

	atomic {
		frame[0] = PARKED;
		frame[1] = SLOT_CS;
		frame[2] = FRAME_EFLAGS;
		do
		:: n < CPUS ->
			if :: latched = false :: latched = true fi;
			if :: mcip = false :: mcip = true fi;
#ifdef CLGI
			run cpu(latched, mcip, n == 0);
#else
			run cpu(latched, mcip, false);
#endif
			n++
		:: else -> break
		od
	}
}
