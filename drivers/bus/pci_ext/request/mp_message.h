/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * mp_message: what a secondary process asks of the primary one, by EAL's multi-process channel.
 */
#ifndef PCI_EXT_MP_MESSAGE_H
#define PCI_EXT_MP_MESSAGE_H

#include <assert.h>
#include <stdint.h>

#include <rte_eal.h>

#include "pci_ext.h"

#define PCI_EXT_MP_CHANNEL "pci_ext"
/* In the place of a device: map_all and unmap_all. No PCI address is like this. */
#define PCI_EXT_MP_ALL "all devices"
/* Of these structures; both processes have the same. */
#define PCI_EXT_MP_VERSION 2

enum pci_ext_mp_verb {
	PCI_EXT_MP_HELLO, /* is there anyone? Answered at once */
	PCI_EXT_MP_MAP,
	PCI_EXT_MP_UNMAP,
};

struct pci_ext_mp_question {
	uint32_t version;
	uint32_t verb;
	char device[PCI_EXT_NAME_SIZE];
	uint32_t present; /* the device has to be present; else a map may stay PENDING */
	uint64_t addr;
	uint64_t iova; /* as the caller gave it */
	uint64_t len;
	uint64_t memory;    /* of a map: dmamap_vma_identify(); not of a dma-buf */
	uint32_t access;    /* of a map: enum pci_ext_access */
	uint32_t is_dmabuf; /* of a map: its descriptor comes with the message */
	uint64_t offset;    /* of a dma-buf */
};

struct pci_ext_mp_answer {
	int32_t result; /* 0 or -errno */
};

static_assert(sizeof(struct pci_ext_mp_question) <= RTE_MP_MAX_PARAM_LEN, "it fits a message");

#endif /* PCI_EXT_MP_MESSAGE_H */
