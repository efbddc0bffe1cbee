/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * faults.h - failures on order: SOFTHCA_FAULTS="tx_error@5000,create_qp@2,port_down@300ms,...".
 * README.md has the list. A count is of the whole process: any thread may hit.
 */
#ifndef SOFTHCA_FAULTS_H_
#define SOFTHCA_FAULTS_H_

#include <stdbool.h>

struct hca_device;

enum hca_fault {
	HCA_FAULT_TX_ERROR,	/* a send WQE completes with an error */
	HCA_FAULT_RX_ERROR,
	HCA_FAULT_DELAY,	/* completions are held back for some milliseconds */
	HCA_FAULT_POST,		/* a work request is refused by the provider */
	HCA_FAULT_REG_MR,	/* from here on: the verb fails with ENOMEM */
	HCA_FAULT_CREATE_CQ,
	HCA_FAULT_CREATE_QP,
	HCA_FAULT_CREATE_WQ,
	HCA_FAULT_CREATE_TABLE,
	HCA_FAULT_CREATE_FLOW,
	HCA_FAULT_MODIFY_QP,
	HCA_FAULT_MODIFY_WQ,
	HCA_FAULT_COUNTED,
	HCA_FAULT_PORT_DOWN = HCA_FAULT_COUNTED,	/* at a time after it was ordered */
	HCA_FAULT_PORT_UP,
	HCA_FAULT_FATAL,
	HCA_FAULTS
};

/* One more chance for a counted fault: does it happen this time? */
bool hca_faults_hit(const struct hca_device *dev, enum hca_fault fault);

/* Completions of the device are held back now. one_more: a completion was just written. */
bool hca_faults_delays(struct hca_device *dev, bool one_more);

/* A fault at a time: that came since the device's faulted. The caller holds the device's lock. */
bool hca_faults_is_due(const struct hca_device *dev, enum hca_fault fault);

/* For tests, by dlsym(): from now on these, in the form of SOFTHCA_FAULTS, and no others. */
void softhca_order_faults(const char *list);

#endif
