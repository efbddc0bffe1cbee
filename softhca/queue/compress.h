/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * compress.h - completions put together (PRM: CQE compression, the basic layout): a title, which is
 * the first of them with their number in the place of its length, and for each of them, this one
 * included, eight bytes of its hash and its length, or, for a striding queue, of its checksum, its
 * stride and its length; eight of these in an entry. They are in the entries of the queue that the
 * completions would have taken: the first array in the one behind the title, the others in every
 * eighth from the title on. What is left over is not written. They do not go across the ring's end.
 *
 * The source is the consumers' code, mlx5e_decompress_cqe of Linux (en_rx.c) and DPDK's net_mlx5;
 * no public document says when a device puts completions together, so this one does whenever it
 * saves an entry.
 */
#ifndef SOFTHCA_COMPRESS_H_
#define SOFTHCA_COMPRESS_H_

#include <stdint.h>

#include "queue/cq.h"

/* In the owner byte of a title, and of no other completion: mlx5dv_get_cqe_format(). */
#define HCA_CQE_COMPRESSED 3u
/* Completions of a title: cqe_comp_caps.max_num. */
#define HCA_COMPRESSED_MAX 64u

/*
 * The queue puts completions together from now on, before its first: HASH or CSUM_STRIDX of enum
 * mlx5dv_cqe_comp_res_format; 0: it does not.
 */
void hca_compress_init(struct hca_cq *cq, uint8_t format);

#endif
