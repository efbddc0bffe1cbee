/* SPDX-License-Identifier: BSD-3-Clause */
/* Messages about netdevs, as the kernel sends them, in datagrams of the test. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>
#include <linux/rtnetlink.h>
#include <net/if.h>

#include "device/netwatch.h"

#define FD 77
#define INDEX 5
#define ITSELF 1	/* the loopback device, which exists */

struct message {
	struct nlmsghdr header;
	struct ifinfomsg info;
};

/* The socket: datagrams of messages, and errors in the place of some. */
static struct {
	struct message messages[4];
	size_t len;
	int error;
} datagrams[4];
static unsigned int nb_datagrams, next;

ssize_t
recv(int fd, void *buffer, size_t size, int flags)
{
	unsigned int i = next;

	assert_int_equal(fd, FD);
	if (i == nb_datagrams) {
		errno = EAGAIN;
		return -1;
	}
	next++;
	if (datagrams[i].error != 0) {
		errno = datagrams[i].error;
		return -1;
	}
	assert_true(datagrams[i].len <= size);
	memcpy(buffer, datagrams[i].messages, datagrams[i].len);
	return datagrams[i].len;
}

static int
set_up(void **state)
{
	memset(datagrams, 0, sizeof(datagrams));
	nb_datagrams = next = 0;
	return 0;
}

static void
begin_datagram(int error)
{
	datagrams[nb_datagrams++].error = error;
}

static void
add(uint16_t type, int index, uint8_t family)
{
	struct message *message = &datagrams[nb_datagrams - 1].messages[
		datagrams[nb_datagrams - 1].len / sizeof(*message)];

	*message = (struct message){
		.header = {.nlmsg_len = sizeof(*message), .nlmsg_type = type},
		.info = {.ifi_family = family, .ifi_index = index},
	};
	datagrams[nb_datagrams - 1].len += sizeof(*message);
}

/* All messages are read. */
static bool
is_gone(unsigned int index)
{
	bool gone = mlx5x_netwatch_is_gone(FD, index);

	assert_int_equal(next, nb_datagrams);
	return gone;
}

static void
without_messages_it_is_there(void **state)
{
	assert_false(is_gone(INDEX));
}

static void
a_removal_is_seen_among_others(void **state)
{
	begin_datagram(0);
	add(RTM_NEWLINK, INDEX, AF_UNSPEC);
	add(RTM_DELLINK, INDEX + 1, AF_UNSPEC);
	begin_datagram(EINTR);
	begin_datagram(0);
	add(RTM_NEWLINK, INDEX, AF_UNSPEC);
	add(RTM_DELLINK, INDEX, AF_UNSPEC);
	add(RTM_NEWLINK, INDEX + 2, AF_UNSPEC);
	begin_datagram(0);
	add(RTM_DELLINK, INDEX + 3, AF_UNSPEC);
	assert_true(is_gone(INDEX));
}

static void
other_changes_are_none(void **state)
{
	begin_datagram(0);
	add(RTM_NEWLINK, INDEX, AF_UNSPEC);
	add(RTM_DELLINK, INDEX + 1, AF_UNSPEC);
	/* It leaves a bridge. */
	add(RTM_DELLINK, INDEX, AF_BRIDGE);
	assert_false(is_gone(INDEX));
}

static void
a_message_that_is_cut_is_none(void **state)
{
	begin_datagram(0);
	add(RTM_DELLINK, INDEX, AF_UNSPEC);
	datagrams[0].messages[0].header.nlmsg_len = sizeof(struct nlmsghdr) + 4;
	datagrams[0].len = sizeof(struct nlmsghdr) + 4;
	assert_false(is_gone(INDEX));
}

/* The socket had no room for it. */
static void
a_lost_message_is_made_up_for(void **state)
{
	begin_datagram(ENOBUFS);
	assert_false(is_gone(ITSELF));
	set_up(NULL);
	begin_datagram(ENOBUFS);
	assert_true(is_gone(1 << 30));
}

static void
a_socket_is_opened(void **state)
{
	int fd;

	assert_int_equal(mlx5x_netwatch_open(&fd), 0);
	assert_true(fd >= 0);
	close(fd);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(without_messages_it_is_there, set_up),
		cmocka_unit_test_setup(a_removal_is_seen_among_others, set_up),
		cmocka_unit_test_setup(other_changes_are_none, set_up),
		cmocka_unit_test_setup(a_message_that_is_cut_is_none, set_up),
		cmocka_unit_test_setup(a_lost_message_is_made_up_for, set_up),
		cmocka_unit_test(a_socket_is_opened),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
