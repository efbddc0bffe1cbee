/* SPDX-License-Identifier: BSD-3-Clause */
/* cpu.c: see cpu.h. Owns no state. */
#include <stddef.h>
#include <string.h>

#include <rte_common.h>
#ifdef RTE_ARCH_X86
#include <cpuid.h>
#endif

#include "common/cpu.h"

#define FAMILY 6	/* Intel's Core, which models tell apart */

/* Intel 64 and IA-32 Architectures Software Developer's Manual, volume 4, table 2-1. */
static const uint8_t slow_models[] = {
	0x3c, 0x3f, 0x45, 0x46,	/* Haswell */
	0x3d, 0x47, 0x4f, 0x56,	/* Broadwell */
};

bool
mlx5x_cpu_is_fast_relaxed(const char vendor[12], uint32_t signature)
{
	const uint32_t model = (signature >> 4 & 0xf) | (signature >> 12 & 0xf0);
	size_t i;

	if (memcmp(vendor, "GenuineIntel", 12) != 0 || (signature >> 8 & 0xf) != FAMILY)
		return true;
	for (i = 0; i < RTE_DIM(slow_models); i++)
		if (slow_models[i] == model)
			return false;
	return true;
}

#ifdef RTE_ARCH_X86
bool
mlx5x_cpu_wants_relaxed_ordering(void)
{
	uint32_t vendor[3], eax, ebx, ecx, edx;

	if (__get_cpuid(0, &eax, &vendor[0], &vendor[2], &vendor[1]) == 0 ||
			__get_cpuid(1, &eax, &ebx, &ecx, &edx) == 0)
		return true;
	return mlx5x_cpu_is_fast_relaxed((const char *)vendor, eax);
}
#else
bool
mlx5x_cpu_wants_relaxed_ordering(void)
{
	return true;
}
#endif
