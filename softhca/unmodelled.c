/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * unmodelled.c - verbs that the in-tree PMD links to and the model does not have: DevX, direct
 * rules, import of PDs. EAL binds every name when it loads the PMD. Each of them refuses, as a
 * kernel without the feature would; the real ones must not see a context that the kernel did not
 * make.
 *
 * The headers are left out, since the functions take no notice of their arguments.
 */
#include <errno.h>
#include <stddef.h>

#include "checks.h"
#include "export.h"

static void *
refuse(const char *name)
{
	hca_trace("%s is not modelled", name);
	errno = EOPNOTSUPP;
	return NULL;
}

#define REFUSES_POINTER(name)                                                                      \
	EXPORT void *name(void);                                                                   \
	void *name(void)                                                                           \
	{                                                                                          \
		return refuse(#name);                                                              \
	}

#define REFUSES_INT(name)                                                                          \
	EXPORT int name(void);                                                                     \
	int name(void)                                                                             \
	{                                                                                          \
		refuse(#name);                                                                     \
		return EOPNOTSUPP;                                                                 \
	}

REFUSES_POINTER(ibv_import_pd)
REFUSES_POINTER(ibv_reg_dmabuf_mr)
REFUSES_POINTER(mlx5dv_alloc_var)
REFUSES_POINTER(mlx5dv_create_flow)
REFUSES_POINTER(mlx5dv_create_flow_action_modify_header)
REFUSES_POINTER(mlx5dv_create_flow_action_packet_reformat)
REFUSES_POINTER(mlx5dv_create_flow_matcher)
REFUSES_POINTER(mlx5dv_devx_alloc_uar)
REFUSES_POINTER(mlx5dv_devx_create_cmd_comp)
REFUSES_POINTER(mlx5dv_devx_create_event_channel)
REFUSES_POINTER(mlx5dv_devx_obj_create)
REFUSES_POINTER(mlx5dv_devx_umem_reg)
REFUSES_POINTER(mlx5dv_dr_domain_create)
REFUSES_POINTER(mlx5dv_pp_alloc)
REFUSES_INT(ibv_attach_mcast)
REFUSES_INT(ibv_detach_mcast)
REFUSES_INT(ibv_rereg_mr)
REFUSES_INT(ibv_resize_cq)
REFUSES_INT(mlx5dv_devx_general_cmd)
REFUSES_INT(mlx5dv_devx_query_eqn)
REFUSES_INT(mlx5dv_devx_qp_query)
REFUSES_INT(mlx5dv_devx_wq_query)
