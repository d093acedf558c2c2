/* SPDX-License-Identifier: LGPL-2.1-or-later */
/*
 * The stackless half of the park page: trampoline/park.S from `unlatch` to the end of `mc`, on
 * three CPUs that share one page. An NMI or a machine check may come at any instruction of any
 * CPU, as hardware allows: an NMI unless one is latched, a machine check unless MCIP is set (that
 * would be a shutdown). What an exception pushes over the constant frame, and what IRET pops, goes
 * one dword at a time, with every interleaving.
 *
 * Claims: every IRET finds ESP at the frame and pops the constant frame, so it lands at `parked`;
 * the scratch stack is never deeper than park.S says; each CPU is counted as arrived once.
 *
 * A line "= text" names the instruction of park.S that it stands for; tests/model/run holds the list
 * of them against that file. Instructions that touch neither ESP nor memory that others read are
 * one step with their neighbours: to be interrupted before or after them is the same. What the
 * counters and the last IDs hold is not modelled, nor are real mode, CLGI and unexpected vectors.
 *
 * Twins, each of which must be refuted:
 *	TWIN_SLOT	#MC leaves by a far return, which pops two slots: an exception right after
 *			it pushes EFLAGS where the frame has CS, and CS where it has EIP
 *	TWIN_LATE	`parked` resets ESP by its second instruction, not by its first
 *	TWIN_COUNT	the count of arrivals and the ticket are two instructions
 */

#define CPUS		3

/* Dwords of the page, in order: the scratch stack, then the frame's EIP, CS, EFLAGS. */
#define FRAME		16
#define DEEPEST		(FRAME - 8)     /* 32 bytes of the 64: park.S */
#define SLOT_CS		100
#define SLOT_EFLAGS	101

/* Where a CPU is: before the instruction, or the first of those, that the name says. */
#define UNLATCH		1
#define PARKED		2
#define PARKED_2	3
#define BITMAP		4
#define COUNT		5
#define COUNT_2		6
#define HALT		7
#define NMI		8
#define NMI_COUNT	9
#define NMI_MCIP	10
#define NMI_IRET	11
#define MC		12
#define MC_MCIP		13
#define MC_COUNT	14
#define MC_IRET		15

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

inline exception(handler)
{
	if
	:: esp <= FRAME ->
		atomic {
			esp = esp - 3;
			assert(esp >= DEEPEST);
		}
	:: else ->
		push(SLOT_EFLAGS);
		push(SLOT_CS);
		push(pc)
	fi;
	pc = handler
}

inline iret()
{
	assert(esp == FRAME);
	eip = frame[0];
	assert(eip == PARKED);
	cs = frame[1];
	assert(cs == SLOT_CS);
	eflags = frame[2];
	assert(eflags == SLOT_EFLAGS);
	atomic {
		esp = FRAME + 3;
		latched = false;
		pc = eip;
		eip = 0;
		cs = 0;
		eflags = 0
	}
}

#ifdef TWIN_SLOT
inline leave_mc()
{
	eip = frame[0];
	assert(eip == PARKED);
	cs = frame[1];
	assert(cs == SLOT_CS);
	atomic {
		esp = FRAME + 2;
		pc = eip;
		eip = 0;
		cs = 0
	}
}
#else
#define leave_mc iret
#endif

proctype cpu(bool latched)
{
	byte pc = UNLATCH, esp = FRAME, eip, cs, eflags;
	bool mcip, ticket;

	do
	:: !latched -> latched = true; exception(NMI)
	:: !mcip -> mcip = true; exception(MC)

	:: pc == UNLATCH -> iret()              /* = iret */

#ifdef TWIN_LATE
	:: pc == PARKED -> pc = PARKED_2
	:: pc == PARKED_2 -> atomic { esp = FRAME; pc = (ticket -> HALT : BITMAP) }
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
		pc = (ticket -> HALT : BITMAP)
#endif
	:: pc == BITMAP -> pc = COUNT           /* = lock bts %ebp, PARK_OFF_BITMAP */
#ifdef TWIN_COUNT
	:: pc == COUNT -> atomic { arrived++; assert(arrived <= CPUS); pc = COUNT_2 }
	:: pc == COUNT_2 -> atomic { ticket = true; pc = HALT }
#else
	:: pc == COUNT ->                       /* = lock xadd %esi, PARK_OFF_TAG */
		atomic { arrived++; assert(arrived <= CPUS); ticket = true; pc = HALT }
#endif
	:: pc == HALT ->
		/* = test %ebx, %ebx */
		/* = jz halt */
		/* not taken: = mov $MSR_VM_CR, %ecx */
		/* not taken: = rdmsr */
		/* not taken: = test $MSR_VM_CR_SVMDIS, %eax */
		/* not taken: = jnz halt */
		/* not taken: = mov $MSR_EFER, %ecx */
		/* not taken: = rdmsr */
		/* not taken: = or $MSR_EFER_SVME, %eax */
		/* not taken: = wrmsr */
		/* not taken: = clgi */
		/* = hlt */
		/* = jmp halt */
		assert(ticket && arrived >= 1)

	:: pc == NMI ->                         /* = mov $PARK_OFF_FRAME, %esp */
		atomic { esp = FRAME; pc = NMI_COUNT }
	:: pc == NMI_COUNT -> pc = NMI_MCIP     /* = lock incl PARK_OFF_NMI_COUNT */
	:: pc == NMI_MCIP ->                    /* = CLEAR_MCIP */
		/* = mov %ebp, PARK_OFF_LAST_NMI */
		atomic { mcip = false; pc = NMI_IRET }
	:: pc == NMI_IRET -> iret()             /* = iret */

	:: pc == MC ->                          /* = mov $PARK_OFF_FRAME, %esp */
		atomic { esp = FRAME; pc = MC_MCIP }
	:: pc == MC_MCIP ->                     /* = CLEAR_MCIP */
		atomic { mcip = false; pc = MC_COUNT }
	:: pc == MC_COUNT ->                    /* = lock incl PARK_OFF_MCE_COUNT */
		/* = mov %ebp, PARK_OFF_LAST_MCE */
		pc = MC_IRET
	:: pc == MC_IRET -> leave_mc()          /* = iret */
	od
}

/* NMIs may be latched from the old kernel, on any of them. */
init {
	bool a, b, c;

	atomic {
		frame[0] = PARKED;
		frame[1] = SLOT_CS;
		frame[2] = SLOT_EFLAGS;
		if :: a = false :: a = true fi;
		if :: b = false :: b = true fi;
		if :: c = false :: c = true fi;
		run cpu(a);
		run cpu(b);
		run cpu(c)
	}
}
