/* SPDX-License-Identifier: BSD-3-Clause */
/* The function that the driver creates a control thread with: DPDK 23.11 replaced it. */
#ifndef COMPAT_THREAD_H
#define COMPAT_THREAD_H

#include <errno.h>

#include <rte_lcore.h>
#include <rte_thread.h>
#include <rte_version.h>

#if RTE_VERSION >= RTE_VERSION_NUM(23, 11, 0, 0)
#define COMPAT_THREAD_CREATE rte_thread_create_control
#define COMPAT_THREAD_PARAMS rte_thread_t *thread, const char *name, rte_thread_func run, void *arg
#define COMPAT_THREAD_ARGS thread, name, run, arg
#define COMPAT_THREAD_ERROR EAGAIN
#else
#define COMPAT_THREAD_CREATE rte_ctrl_thread_create
#define COMPAT_THREAD_PARAMS \
	pthread_t *thread, const char *name, const pthread_attr_t *attr, void *(*run)(void *), \
		void *arg
#define COMPAT_THREAD_ARGS thread, name, attr, run, arg
#define COMPAT_THREAD_ERROR (-EAGAIN)
#endif

#endif
