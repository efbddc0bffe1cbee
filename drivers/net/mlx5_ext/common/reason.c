/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "common/reason.h"
#include "memlock.h"
#include "vma.h"

/* Many VMAs are worth a word only near their limit. */
static void
write_vmas(char *buf, size_t size)
{
	struct dmamap_vma_count count;

	dmamap_vma_count(&count);
	if (count.limit == 0 || count.used < count.limit - count.limit / 10)
		return;
	snprintf(buf, size, ", and %lu of %lu mappings of memory (vm.max_map_count) are used",
		count.used, count.limit);
}

static void
write_limits(char *buf, size_t size)
{
	char limit[DMAMAP_MEMLOCK_SIZE], vmas[96] = "";

	dmamap_memlock_format("VmPin:", limit);
	write_vmas(vmas, sizeof(vmas));
	snprintf(buf, size, "%s%s", limit, vmas);
}

void
mlx5x_reason_write(int error, uintptr_t addr, size_t len, bool writes,
	char buf[MLX5X_REASON_SIZE])
{
	char detail[DMAMAP_VMA_TEXT] = "";

	if (error == -ENOMEM)
		write_limits(detail, sizeof(detail));
	else if (error == -EFAULT)
		dmamap_vma_explain(addr, len, writes, detail);
	/* Its pages are pinned as if to be written, which fails for shared ones (RDMA/umem). */
	if (error == -EFAULT && !writes && detail[0] == '\0')
		snprintf(detail, sizeof(detail), "Linux before 6.2 registers memory without "
			"PROT_WRITE only if it is mapped MAP_PRIVATE");
	snprintf(buf, MLX5X_REASON_SIZE, "%s%s%s", strerror(-error),
		detail[0] == '\0' ? "" : ": ", detail);
}
