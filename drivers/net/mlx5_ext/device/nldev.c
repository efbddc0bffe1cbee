/* SPDX-License-Identifier: BSD-3-Clause */
#include <errno.h>

#include <bsd/string.h>
#include <libmnl/libmnl.h>
#include <rdma/rdma_netlink.h>

#include "device/nldev.h"

/* Bytes. The kernel's reply is one message of at most a page. */
#define MESSAGE_MAX 8192

struct answer {
	char *netdev;
	size_t size;
};

static int
read_attribute(const struct nlattr *attr, void *data)
{
	struct answer *answer = data;

	if (mnl_attr_get_type(attr) == RDMA_NLDEV_ATTR_NDEV_NAME &&
	    mnl_attr_validate(attr, MNL_TYPE_NUL_STRING) == 0)
		strlcpy(answer->netdev, mnl_attr_get_str(attr), answer->size);
	return MNL_CB_OK;
}

static int
read_port(const struct nlmsghdr *message, void *data)
{
	mnl_attr_parse(message, 0, read_attribute, data);
	return MNL_CB_STOP;
}

/* 0, or -errno, also of the kernel's reply. */
static int
talk(struct mnl_socket *socket, struct nlmsghdr *message, struct answer *answer)
{
	char buffer[MESSAGE_MAX];
	ssize_t n;

	if (mnl_socket_bind(socket, 0, MNL_SOCKET_AUTOPID) != 0 ||
	    mnl_socket_sendto(socket, message, message->nlmsg_len) < 0)
		return -errno;
	n = mnl_socket_recvfrom(socket, buffer, sizeof(buffer));
	if (n < 0 || mnl_cb_run(buffer, n, message->nlmsg_seq, mnl_socket_get_portid(socket),
			read_port, answer) < 0)
		return -errno;
	return 0;
}

static int
ask(struct nlmsghdr *message, struct answer *answer)
{
	struct mnl_socket *socket;
	int ret;

	socket = mnl_socket_open2(NETLINK_RDMA, SOCK_CLOEXEC);
	if (socket == NULL)
		return -errno;
	ret = talk(socket, message, answer);
	mnl_socket_close(socket);
	return ret;
}

int
mlx5x_nldev_netdev(uint32_t index, char *netdev, size_t size)
{
	struct answer answer = {netdev, size};
	char buffer[MNL_NLMSG_HDRLEN + 64];
	struct nlmsghdr *message = mnl_nlmsg_put_header(buffer);
	int ret;

	message->nlmsg_type = RDMA_NL_GET_TYPE(RDMA_NL_NLDEV, RDMA_NLDEV_CMD_PORT_GET);
	message->nlmsg_flags = NLM_F_REQUEST;
	message->nlmsg_seq = 1;
	mnl_attr_put_u32(message, RDMA_NLDEV_ATTR_DEV_INDEX, index);
	mnl_attr_put_u32(message, RDMA_NLDEV_ATTR_PORT_INDEX, 1);
	netdev[0] = '\0';
	ret = ask(message, &answer);
	if (ret == 0 && netdev[0] == '\0')
		ret = -ENOENT;
	return ret;
}
