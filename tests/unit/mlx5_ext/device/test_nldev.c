/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <net/if.h>
#include <stdbool.h>
#include <string.h>

#include <cmocka.h>
#include <libmnl/libmnl.h>
#include <rdma/rdma_netlink.h>

#include "device/nldev.h"

#define PORTID 4711
#define INDEX 7

/* The kernel, with one rdma device, and the socket to it. */
static struct {
	const char *netdev;	/* NULL: missing in the answer */
	int open_error;
	char answer[512];
	size_t answer_len;
	int sockets;
} kernel;

struct mnl_socket {
	bool bound;
};

static struct mnl_socket the_socket;

struct mnl_socket *
mnl_socket_open2(int bus, int flags)
{
	assert_int_equal(bus, NETLINK_RDMA);
	assert_int_equal(flags, SOCK_CLOEXEC);
	errno = kernel.open_error;
	if (kernel.open_error != 0)
		return NULL;
	kernel.sockets++;
	return &the_socket;
}

int
mnl_socket_bind(struct mnl_socket *socket, unsigned int groups, pid_t pid)
{
	socket->bound = true;
	return 0;
}

unsigned int
mnl_socket_get_portid(const struct mnl_socket *socket)
{
	assert_true(socket->bound);
	return PORTID;
}

int
mnl_socket_close(struct mnl_socket *socket)
{
	kernel.sockets--;
	return 0;
}

struct wanted {
	uint16_t type;
	const struct nlattr *found;
};

static int
compare_type(const struct nlattr *attr, void *data)
{
	struct wanted *wanted = data;

	if (mnl_attr_get_type(attr) == wanted->type)
		wanted->found = attr;
	return MNL_CB_OK;
}

static uint32_t
attribute(const struct nlmsghdr *message, uint16_t type)
{
	struct wanted wanted = {type, NULL};

	mnl_attr_parse(message, 0, compare_type, &wanted);
	assert_non_null(wanted.found);
	return mnl_attr_get_u32(wanted.found);
}

static struct nlmsghdr *
begin_answer(const struct nlmsghdr *question, uint16_t type)
{
	struct nlmsghdr *message = mnl_nlmsg_put_header(kernel.answer);

	message->nlmsg_type = type;
	message->nlmsg_seq = question->nlmsg_seq;
	message->nlmsg_pid = PORTID;
	return message;
}

static void
answer_port(const struct nlmsghdr *question)
{
	struct nlmsghdr *message = begin_answer(question, question->nlmsg_type);

	assert_int_equal(attribute(question, RDMA_NLDEV_ATTR_PORT_INDEX), 1);
	mnl_attr_put_u32(message, RDMA_NLDEV_ATTR_DEV_INDEX, INDEX);
	mnl_attr_put_strz(message, RDMA_NLDEV_ATTR_DEV_NAME, "siw0");
	if (kernel.netdev != NULL) {
		mnl_attr_put_u32(message, RDMA_NLDEV_ATTR_NDEV_INDEX, 3);
		mnl_attr_put_strz(message, RDMA_NLDEV_ATTR_NDEV_NAME, kernel.netdev);
	}
	kernel.answer_len = message->nlmsg_len;
}

static void
answer_error(const struct nlmsghdr *question, int error)
{
	struct nlmsghdr *message = begin_answer(question, NLMSG_ERROR);
	struct nlmsgerr *payload = mnl_nlmsg_put_extra_header(message, sizeof(*payload));

	payload->error = -error;
	payload->msg = *question;
	kernel.answer_len = message->nlmsg_len;
}

ssize_t
mnl_socket_sendto(const struct mnl_socket *socket, const void *data, size_t len)
{
	const struct nlmsghdr *question = data;

	assert_true(socket->bound);
	assert_true(mnl_nlmsg_ok(question, len));
	assert_int_equal(question->nlmsg_flags, NLM_F_REQUEST);
	assert_int_equal(question->nlmsg_type,
		RDMA_NL_GET_TYPE(RDMA_NL_NLDEV, RDMA_NLDEV_CMD_PORT_GET));
	if (attribute(question, RDMA_NLDEV_ATTR_DEV_INDEX) == INDEX)
		answer_port(question);
	else
		answer_error(question, EINVAL);
	return len;
}

ssize_t
mnl_socket_recvfrom(const struct mnl_socket *socket, void *buffer, size_t size)
{
	assert_true(kernel.answer_len > 0 && kernel.answer_len <= size);
	memcpy(buffer, kernel.answer, kernel.answer_len);
	return kernel.answer_len;
}

static int
create(void **state)
{
	memset(&kernel, 0, sizeof(kernel));
	kernel.netdev = "eth0";
	the_socket.bound = false;
	return 0;
}

static int
nothing_is_left_open(void **state)
{
	return kernel.sockets;
}

static void
the_netdev_of_the_port_is_returned(void **state)
{
	char netdev[IF_NAMESIZE] = "before";

	assert_int_equal(mlx5x_nldev_netdev(INDEX, netdev, sizeof(netdev)), 0);
	assert_string_equal(netdev, "eth0");
}

static void
a_port_without_a_netdev_is_enoent(void **state)
{
	char netdev[IF_NAMESIZE] = "before";

	kernel.netdev = NULL;
	assert_int_equal(mlx5x_nldev_netdev(INDEX, netdev, sizeof(netdev)), -ENOENT);
}

static void
an_error_of_the_kernel_is_returned(void **state)
{
	char netdev[IF_NAMESIZE];

	assert_int_equal(mlx5x_nldev_netdev(INDEX + 1, netdev, sizeof(netdev)), -EINVAL);
	kernel.open_error = EPROTONOSUPPORT;
	assert_int_equal(mlx5x_nldev_netdev(INDEX, netdev, sizeof(netdev)), -EPROTONOSUPPORT);
}

static void
a_long_name_is_truncated(void **state)
{
	char netdev[4];

	assert_int_equal(mlx5x_nldev_netdev(INDEX, netdev, sizeof(netdev)), 0);
	assert_string_equal(netdev, "eth");
}

#define CASE(function) cmocka_unit_test_setup_teardown(function, create, nothing_is_left_open)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(the_netdev_of_the_port_is_returned),
		CASE(a_port_without_a_netdev_is_enoent),
		CASE(an_error_of_the_kernel_is_returned),
		CASE(a_long_name_is_truncated),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
