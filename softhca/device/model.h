/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * model.h - what the devices of a PCI id can do: the file "models", as a table. Const, any thread.
 */
#ifndef SOFTHCA_MODEL_H_
#define SOFTHCA_MODEL_H_

#include <stdbool.h>
#include <stdint.h>

struct hca_model {
	uint16_t id;			/* of the PCI device */
	const char *name;
	uint32_t send_wqe, receive_wqe;	/* the longest, in bytes */
	uint32_t queue;			/* WQEBBs of a send queue, WQEs of a receive queue */
	uint32_t cq, table;		/* entries */
	uint32_t inline_min;		/* bytes of each frame that must be in its WQE */
	bool empw;			/* enhanced multi-packet WQEs */
	bool insert_vlan;
	bool striding;			/* receive queues whose WQEs take many frames */
};

/* Formats of compressed completions, enum mlx5dv_cqe_comp_res_format. */
uint32_t hca_model_formats(const struct hca_model *model);

/* The first one, if the id is not known. */
const struct hca_model *hca_model_find(uint16_t id);

#endif
