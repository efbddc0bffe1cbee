/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * devargs.h - the device arguments, parsed once at probe and constant from then on.
 */
#ifndef MLX5X_DEVARGS_H_
#define MLX5X_DEVARGS_H_

#include <stdbool.h>
#include <stdint.h>

#include <rte_pci.h>

#include "common/workers.h"
#include "device/endpoint.h"
#include "mr/implicit.h"

/* Bytes: more than the in-tree PMD inlines at most. A larger limit needs larger WQEs. */
#define MLX5X_DEVARGS_INLINE_MAX 512

#define MLX5X_DEVARGS_THREADS_MAX MLX5X_WORKERS_MAX

#define MLX5X_DEVARG_DRIVER "driver"
#define MLX5X_DEVARG_IMPLICIT "mr_implicit"
#define MLX5X_DEVARG_THREADS "mr_threads"
#define MLX5X_DEVARG_PEER "peer"
#define MLX5X_DEVARG_INLINE "txq_inline"
#define MLX5X_DEVARG_MPW "txq_mpw_en"
#define MLX5X_DEVARG_WIRE "wire"

/* For dpdk-pmdinfo and log lines. */
#define MLX5X_DEVARGS_HELP \
	MLX5X_DEVARG_DRIVER "=mlx5_ext " \
	MLX5X_DEVARG_IMPLICIT "=mempool|eal|none " \
	MLX5X_DEVARG_THREADS "=<threads> " \
	MLX5X_DEVARG_PEER "=self|<PCI address>|listen[:<address>][:<port>]|<host>[:<port>] " \
	MLX5X_DEVARG_INLINE "=<bytes> " \
	MLX5X_DEVARG_MPW "=0|1 " \
	MLX5X_DEVARG_WIRE "=dv|raw|uc|rc"

/* The kind of peer that a port is connected to. */
enum mlx5x_peer_kind {
	MLX5X_PEER_SELF,	/* the port itself: loopback */
	MLX5X_PEER_PORT,	/* a port of this process: peer */
	MLX5X_PEER_LISTEN,	/* another process, which connects to the local address endpoint */
	MLX5X_PEER_HOST,	/* another process, which listens at endpoint */
};

struct mlx5x_devargs {
	bool named_driver;	/* driver=mlx5_ext was given */
	bool named_peer;	/* peer= was given */
	enum mlx5x_peer_kind peer_kind;
	struct rte_pci_addr peer;
	struct mlx5x_endpoint endpoint;
	enum mlx5x_implicit_mode implicit;
	uint16_t mr_threads;	/* that register a range of MLX5X_CUT_FROM bytes or more */
	uint16_t tx_inline;	/* packets of up to so many bytes are inlined in WQEs; wire=dv */
	bool tx_mpw;		/* several packets in one WQE, if the device can; wire=dv */
	char wire[8];		/* empty: the best one that the device supports */
};

/*
 * Parses the arguments of the device `name`; args may be NULL or empty. 0; or -EINVAL, with a log
 * line that names the device and the invalid key or value.
 */
int mlx5x_devargs_parse(const char *name, const char *args, struct mlx5x_devargs *out);

/* True if args contain driver=mlx5_ext, whatever else they contain; logs nothing. */
bool mlx5x_devargs_name_us(const char *args);

#endif
