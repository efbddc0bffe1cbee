/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>
#include <stdint.h>
#include <sys/socket.h>
#include <unistd.h>

#include <libmnl/libmnl.h>
#include <linux/rtnetlink.h>
#include <net/if.h>

#include "device/netwatch.h"

/* Bytes; a message about one netdev has less. A longer one is cut, and of another kind. */
#define MESSAGES_MAX 16384

struct removal {
	unsigned int index;
	bool seen;
};

int
mlx5x_netwatch_open(int *fd)
{
	const struct sockaddr_nl address = {.nl_family = AF_NETLINK, .nl_groups = RTMGRP_LINK};
	int ret;

	*fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK, NETLINK_ROUTE);
	if (*fd < 0)
		return -errno;
	if (bind(*fd, (const struct sockaddr *)&address, sizeof(address)) == 0)
		return 0;
	ret = -errno;
	close(*fd);
	*fd = -1;
	return ret;
}

/* Another family: of a bridge, which the netdev leaves. */
static int
read_message(const struct nlmsghdr *message, void *data)
{
	struct removal *removal = data;
	const struct ifinfomsg *info = mnl_nlmsg_get_payload(message);

	if (message->nlmsg_type == RTM_DELLINK &&
	    mnl_nlmsg_get_payload_len(message) >= sizeof(*info) &&
	    info->ifi_family == AF_UNSPEC && (unsigned int)info->ifi_index == removal->index)
		removal->seen = true;
	return MNL_CB_OK;
}

static bool
exists(unsigned int index)
{
	char name[IF_NAMESIZE];

	return if_indextoname(index, name) != NULL;
}

bool
mlx5x_netwatch_is_gone(int fd, unsigned int index)
{
	struct removal removal = {.index = index};
	uint64_t messages[MESSAGES_MAX / sizeof(uint64_t)];
	ssize_t n;

	do {
		n = recv(fd, messages, sizeof(messages), 0);
		if (n > 0)
			mnl_cb_run(messages, n, 0, 0, read_message, &removal);
		/* More messages than the socket has room for. */
		else if (n < 0 && errno == ENOBUFS)
			removal.seen |= !exists(index);
	} while (n > 0 || (n < 0 && (errno == EINTR || errno == ENOBUFS)));
	return removal.seen;
}
