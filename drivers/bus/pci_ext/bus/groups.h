/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * groups: which devices on vfio-pci are in a VFIO container of the application's own
 * (rte_vfio_container_group_bind()), where a mapping in EAL's default container has no effect.
 *
 * EAL has no function that tells. But it opens the file of a group itself only when it probes the
 * first device of the group, and closes it with the last: where it is open before that, the
 * application has bound it. One that has bound it to the default container by hand, which EAL does
 * anyway, is taken for one with a container of its own.
 *
 * Any thread.
 */
#ifndef PCI_EXT_GROUPS_H
#define PCI_EXT_GROUPS_H

#include <stdbool.h>

/* Before a probe of the device: whether the file of its IOMMU group is open in this process. */
bool pci_ext_groups_is_open(const char *device);

/*
 * A driver has claimed a device on vfio-pci; was_open: the result of the above before its probe. A
 * device whose group has another one here already is where that one is. Nothing if it is here
 * already, or has no group.
 */
void pci_ext_groups_enter(const char *device, bool was_open);

/* The device has been removed. Nothing if it is not here. */
void pci_ext_groups_leave(const char *device);

/* Whether the device is in a container of the application's own. */
bool pci_ext_groups_is_apart(const char *device);

#endif /* PCI_EXT_GROUPS_H */
