/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * refusals.h - what the kernel and libmlx5 refuse before any hardware has a say: each rule with a
 * name, the errno, and the function that decides so, by the file "rules". No rule of the rings is
 * broken by it, since programs find out what a device can do by trying; it is counted, and told in
 * the trace.
 *
 * A function hca_rule_of_*() returns the first rule that applies, in the order of the sources, or
 * HCA_RULE_NONE. All functions: any thread.
 */
#ifndef SOFTHCA_REFUSALS_H_
#define SOFTHCA_REFUSALS_H_

#include <stdbool.h>
#include <stdint.h>

#include <infiniband/mlx5dv.h>
#include <infiniband/verbs.h>

#include "device/model.h"
#include "hca_rules.h"

#define HCA_RULE_ID(id, name, error, by) HCA_RULE_##id,

enum hca_rule {
	HCA_RULE_NONE,
	HCA_RULES(HCA_RULE_ID)
	HCA_RULES_COUNT
};

#undef HCA_RULE_ID

enum hca_rule hca_rule_of_dv_open(const struct mlx5dv_context_attr *attr);

/* has_domain: the parent domain that it names is one. */
enum hca_rule hca_rule_of_cq(const struct ibv_context *context,
	const struct ibv_cq_init_attr_ex *attr, const struct hca_model *model, bool has_domain);
enum hca_rule hca_rule_of_dv_cq(const struct mlx5dv_cq_init_attr *more,
	const struct hca_model *model);

/* Access flags, and the range; what depends on its pages is the caller's to find out. */
enum hca_rule hca_rule_of_mr(const void *addr, size_t len, uint64_t iova, unsigned int access);

/* table_size: entries of the QP's table; not read if it has none. more may be NULL. */
enum hca_rule hca_rule_of_qp(const struct ibv_qp_init_attr_ex *attr,
	const struct mlx5dv_qp_init_attr *more, const struct hca_model *model, uint32_t table_size);

/* from: as the kernel knows the state. */
enum hca_rule hca_rule_of_modify_qp(enum ibv_qp_type type, enum ibv_qp_state from,
	const struct ibv_qp_attr *attr, int mask);
/* The same for an RC, UC or UD QP, and states that there are. */
enum hca_rule hca_rule_of_modify_transport(enum ibv_qp_type type, enum ibv_qp_state from,
	const struct ibv_qp_attr *attr, int mask);

enum hca_rule hca_rule_of_ah(const struct ibv_ah_attr *attr);

/* more may be NULL. */
enum hca_rule hca_rule_of_wq(const struct ibv_wq_init_attr *attr,
	const struct mlx5dv_wq_init_attr *more, const struct hca_model *model);
enum hca_rule hca_rule_of_modify_wq(enum ibv_wq_state from, const struct ibv_wq_attr *attr);
enum hca_rule hca_rule_of_table(const struct ibv_rwq_ind_table_init_attr *attr,
	const struct hca_model *model);

/* type: of the QP that it is for. */
enum hca_rule hca_rule_of_flow(const struct ibv_flow_attr *attr, enum ibv_qp_type type);

/* Counts it and returns its errno; 0 for HCA_RULE_NONE. */
int hca_refuse(enum hca_rule rule);

/* For tests, by dlsym(): refusals so far by the rule of that name; all of them for NULL. */
uint64_t softhca_refusals(const char *name);

#endif
