#include "textflag.h"

// func takeBlocks(from, line, counts *float64, blocks int, f float64) float64
//
// Four numbers at once (AVX). A product is rounded before it is taken away or added,
// and nothing is fused, so that every number is what takeBlocksPlainly makes of it.
TEXT ·takeBlocks(SB), NOSPLIT, $0-48
	MOVQ from+0(FP), DI
	MOVQ line+8(FP), SI
	MOVQ counts+16(FP), DX
	MOVQ blocks+24(FP), CX
	VBROADCASTSD f+32(FP), Y0
	VXORPD Y5, Y5, Y5
	VXORPD Y6, Y6, Y6
block:
	VMULPD (SI), Y0, Y1
	VMULPD 32(SI), Y0, Y2
	VMOVUPD (DI), Y3
	VMOVUPD 32(DI), Y4
	VSUBPD Y1, Y3, Y3
	VSUBPD Y2, Y4, Y4
	VMOVUPD Y3, (DI)
	VMOVUPD Y4, 32(DI)
	VMULPD Y3, Y3, Y3
	VMULPD Y4, Y4, Y4
	VMULPD (DX), Y3, Y3
	VMULPD 32(DX), Y4, Y4
	VADDPD Y3, Y5, Y5
	VADDPD Y4, Y6, Y6
	ADDQ $64, SI
	ADDQ $64, DI
	ADDQ $64, DX
	DECQ CX
	JNZ block
	VADDPD Y6, Y5, Y5
	VEXTRACTF128 $1, Y5, X6
	VADDPD X6, X5, X5
	VPERMILPD $1, X5, X6
	VADDSD X6, X5, X5
	VMOVSD X5, ret+40(FP)
	VZEROUPPER
	RET
