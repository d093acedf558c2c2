# SPDX-License-Identifier: LGPL-2.1-or-later
#
# The harnesses, built by clang. Started by tests/fuzz/run, which sets
#	SRC	the top of the source tree
#	BLD	a build tree, for the two blobs
#	OUT	where everything goes
#	MODE	fuzz: with libFuzzer and the sanitizers; coverage: to replay and count lines

CLANG = clang
MODE = fuzz
FLAGS_fuzz = -O2 -fsanitize=address,undefined -fno-sanitize-recover=undefined
FLAGS_coverage = -O1 -fprofile-instr-generate -fcoverage-mapping
LINK = -fsanitize=fuzzer
# What libFuzzer goes by: the edges taken and the numbers compared.
STEER = -fsanitize=fuzzer-no-link

WARN = -Wall -Wextra -Wshadow -Wstrict-prototypes -Wmissing-prototypes -Werror
INCLUDES = $(addprefix -I$(SRC)/,abi src/common src/libkexec/base src/libkexec/core src/libkexec/linux \
	src/libkexec src/kexec-park tests/fuzz)
CFLAGS = -std=gnu11 -g $(WARN) $(DEFS) $(FLAGS_$(MODE))

HARNESSES = $(patsubst $(SRC)/tests/fuzz/fuzz_%.c,%,$(wildcard $(SRC)/tests/fuzz/fuzz_*.c))
LIBRARY = $(wildcard $(addprefix $(SRC)/src/libkexec/,base/*.[cS] core/*.c linux/*.c)) \
	$(wildcard $(SRC)/src/common/*.c) \
	$(filter-out %/option_files.c,$(wildcard $(SRC)/src/kexec-park/option*.c)) \
	$(addprefix $(SRC)/src/kexec-park/,errors.c redact.c say.c) \
	$(addprefix $(SRC)/tests/fuzz/,fuzz.c plan_rules.c)
OBJECTS = $(patsubst $(SRC)/%,$(OUT)/%.o,$(basename $(LIBRARY))) $(OUT)/blobs.o
# Which decompressors there are, as configure found it.
DEFS = $(shell sed -n 's/^DEFS = //p' $(BLD)/Makefile)
LIBS = -lelf $(or $(shell sed -n 's/^UNPACK_LIBS = //p' $(BLD)/Makefile),-lz)

all: $(addprefix $(OUT)/,$(HARNESSES))

$(OUT)/%: $(OUT)/tests/fuzz/fuzz_%.o $(OUT)/library.a
	@$(CLANG) $(CFLAGS) $(LINK) -o $@ $^ $(LIBS)

$(OUT)/library.a: $(OBJECTS)
	@rm -f $@
	@ar rc $@ $^

# Neither a harness's own rules nor the rounds of SHA-256 say anything of an input; telling
# libFuzzer of each of their compares took more than half of the time.
$(OUT)/tests/fuzz/%.o $(OUT)/src/libkexec/base/sha%.o: STEER =

# Each allocation its own: see fuzz.h.
$(OUT)/src/libkexec/base/arena.o: CFLAGS += -DBLOCK_BYTES=0

$(OUT)/%.o: $(SRC)/%.c
	@mkdir -p $(@D)
	@$(CLANG) $(CFLAGS) $(STEER) $(INCLUDES) -MMD -MP -c -o $@ $<

$(OUT)/%.o: $(SRC)/%.S
	@mkdir -p $(@D)
	@$(CLANG) $(INCLUDES) -MMD -MP -c -o $@ $<

# Its .incbin names the blobs from the top of a build tree.
$(OUT)/blobs.o: $(SRC)/src/libkexec/linux/blobs.S $(BLD)/purgatory/purgatory.bin \
		$(BLD)/trampoline/park_page.bin
	@mkdir -p $(@D)
	@cd $(BLD) && $(CLANG) -c -o $@ $(abspath $<)

-include $(shell find $(OUT) -name '*.d' 2>/dev/null)

.PHONY: all
.SECONDARY:
