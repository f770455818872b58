#include "textflag.h"

// PLACE takes two numbers of a block, and adds what they count to its sum.
#define PLACE(at, sum) \
	MOVUPD at(SI), X1 \
	MOVUPD at(DI), X2 \
	MOVUPD at(DX), X3 \
	MULPD X0, X1 \
	SUBPD X1, X2 \
	MOVUPD X2, at(DI) \
	MULPD X2, X2 \
	MULPD X3, X2 \
	ADDPD X2, sum

// func takeBlocks(from, line, counts *float64, blocks int, f float64) float64
//
// Two numbers at once (SSE2, which every such processor has). A product is rounded before it
// is taken away or added, and nothing is fused, so that every number is what
// takeBlocksPlainly makes of it.
TEXT ·takeBlocks(SB), NOSPLIT, $0-48
	MOVQ from+0(FP), DI
	MOVQ line+8(FP), SI
	MOVQ counts+16(FP), DX
	MOVQ blocks+24(FP), CX
	MOVSD f+32(FP), X0
	UNPCKLPD X0, X0
	XORPD X4, X4
	XORPD X5, X5
	XORPD X6, X6
	XORPD X7, X7
block:
	PLACE(0, X4)
	PLACE(16, X5)
	PLACE(32, X6)
	PLACE(48, X7)
	ADDQ $64, SI
	ADDQ $64, DI
	ADDQ $64, DX
	DECQ CX
	JNZ block
	ADDPD X6, X4
	ADDPD X7, X5
	ADDPD X5, X4
	MOVAPD X4, X5
	UNPCKHPD X5, X5
	ADDSD X5, X4
	MOVSD X4, ret+40(FP)
	RET
