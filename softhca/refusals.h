/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * refusals.h - what the kernel refuses to create of queue pairs and flow rules, before any hardware
 * has a say: each refusal with a name, the errno, and the function of Linux that decides so. No
 * rule is broken by it, since programs find out what a device can do by trying; it is counted, and
 * told in the trace. README.md has the table.
 *
 * All functions: any thread.
 */
#ifndef SOFTHCA_REFUSALS_H_
#define SOFTHCA_REFUSALS_H_

#include <stdint.h>

#include <infiniband/verbs.h>

enum hca_refusal {
	HCA_ALLOWED,
	/* A raw packet QP. */
	HCA_QP_NO_QUEUE,	  /* neither a send queue nor a receive queue */
	HCA_QP_TABLE_AND_SEND,	  /* a table of work queues, and a send queue */
	HCA_QP_TABLE_AND_RECEIVE, /* a table of work queues, and a receive queue */
	/* How it spreads frames over a table. */
	HCA_RSS_INNER,	      /* headers inside of a tunnel, without offloads of tunnels */
	HCA_RSS_FUNCTION,     /* a hash function other than Toeplitz */
	HCA_RSS_KEY_LENGTH,   /* a key that is not of 40 bytes */
	HCA_RSS_NO_FIELDS,    /* nothing is hashed, over more than one entry */
	HCA_RSS_IP_VERSIONS,  /* IPv4 and IPv6 */
	HCA_RSS_L4_PROTOCOLS, /* TCP and UDP */
	/* A flow rule. */
	HCA_FLOW_PRIORITY,     /* beyond 15 */
	HCA_FLOW_FLAGS,	       /* one that mlx5 does not know */
	HCA_FLOW_DEFAULT_TRAP, /* a default rule that lets frames go on */
	HCA_FLOW_DEFAULT_SIDE, /* a default rule for what is sent */
	HCA_FLOW_SPECS,	       /* more than ten of them */
	HCA_FLOW_PORT,	       /* of another port than 1 */
	HCA_FLOW_ETHER_TYPE,   /* not that of the IP version, or a part of it */
	HCA_FLOW_PROTOCOL,     /* of IP: not that of the next specification */
	HCA_FLOW_FIELDS,       /* the TTL, flags or hop limit of IP */
	HCA_REFUSALS
};

/* The first one that applies. table_size: entries of the QP's table; not read if it has none. */
enum hca_refusal hca_refusal_of_qp(const struct ibv_qp_init_attr_ex *attr, uint32_t table_size);
enum hca_refusal hca_refusal_of_flow(const struct ibv_flow_attr *attr);

/* Counts it and returns its errno; 0 for HCA_ALLOWED. */
int hca_refuse(enum hca_refusal refusal);

/* For tests, by dlsym(): refusals so far of that name; all of them for NULL. */
uint64_t softhca_refusals(const char *name);

#endif
