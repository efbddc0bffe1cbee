/* SPDX-License-Identifier: BSD-3-Clause */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "cable/tcp.h"

static int wake;

static struct mlx5x_limit
within(unsigned int ms)
{
	return (struct mlx5x_limit){.deadline = mlx5x_limit_now() + ms, .wake = wake};
}

/* A free port, selected by the kernel. */
static struct addrinfo *
resolve(const char *host, uint16_t port)
{
	struct mlx5x_endpoint at = {.port = port};
	struct addrinfo *list;

	strcpy(at.host, host);
	assert_int_equal(mlx5x_tcp_resolve(&at, &list), 0);
	return list;
}

static uint16_t
port_of(int fd)
{
	struct sockaddr_storage at;
	socklen_t len = sizeof(at);

	assert_int_equal(getsockname(fd, (struct sockaddr *)&at, &len), 0);
	return ntohs(((struct sockaddr_in *)&at)->sin_port);
}

static int
listen_at(const char *host)
{
	struct addrinfo *list = resolve(host, 0);
	int fd;

	assert_int_equal(mlx5x_tcp_listen(list, &fd), 0);
	freeaddrinfo(list);
	return fd;
}

static int
connect_to(const char *host, uint16_t port, int *fd)
{
	struct mlx5x_limit limit = within(2000);
	struct addrinfo *list = resolve(host, port);
	int ret = mlx5x_tcp_connect(list, &limit, fd);

	freeaddrinfo(list);
	return ret;
}

struct pair {
	int listener, here, there;
};

static struct pair
join(const char *listen_host, const char *host)
{
	struct mlx5x_limit limit = within(2000);
	struct pair p = {.listener = listen_at(listen_host)};

	assert_int_equal(connect_to(host, port_of(p.listener), &p.here), 0);
	assert_int_equal(mlx5x_tcp_accept(p.listener, &limit, &p.there), 0);
	return p;
}

static void
part(const struct pair *p)
{
	close(p->listener);
	close(p->here);
	close(p->there);
}

static void
bytes_arrive(void **state)
{
	struct mlx5x_limit limit = within(2000);
	struct pair p = join("127.0.0.1", "localhost");
	char text[6] = "";

	assert_int_equal(mlx5x_tcp_send(p.here, "hello", 6, &limit), 0);
	assert_int_equal(mlx5x_tcp_receive(p.there, text, 6, &limit), 0);
	assert_string_equal(text, "hello");
	part(&p);
}

static void
the_any_address_accepts_ipv4(void **state)
{
	struct pair p = join("", "127.0.0.1");

	part(&p);
}

static void
port_in_use_is_rejected(void **state)
{
	int first = listen_at("127.0.0.1"), second;
	struct addrinfo *list = resolve("127.0.0.1", port_of(first));

	assert_int_equal(mlx5x_tcp_listen(list, &second), -EADDRINUSE);
	freeaddrinfo(list);
	close(first);
}

static void
no_listener_is_econnrefused(void **state)
{
	int fd = listen_at("127.0.0.1");
	uint16_t port = port_of(fd);

	close(fd);
	assert_int_equal(connect_to("127.0.0.1", port, &fd), -ECONNREFUSED);
}

/* In that many attempts the kernel may give the socket the port that it connects to. */
static void
no_pair_is_joined_to_itself(void **state)
{
	struct mlx5x_limit limit = within(60000);
	struct addrinfo *list = resolve("127.0.0.1", 32800);
	int i, fd;

	for (i = 0; i < 30000; i++)
		assert_int_equal(mlx5x_tcp_connect(list, &limit, &fd), -ECONNREFUSED);
	freeaddrinfo(list);
}

/* A host that drops packets for it: a full backlog has the same effect. */
static void
a_silent_address_leaves_time_for_the_next(void **state)
{
	int deaf = listen_at("127.0.0.1"), good = listen_at("127.0.0.1"), fd[4], i, ret = 0;
	struct addrinfo *first = resolve("127.0.0.1", port_of(deaf));
	struct addrinfo *second = resolve("127.0.0.1", port_of(good));
	struct mlx5x_limit limit = within(400);
	uint64_t before;

	assert_int_equal(listen(deaf, 0), 0);
	for (i = 0; i < 3 && ret == 0; i++)
		ret = mlx5x_tcp_connect(first, &limit, &fd[i]);
	assert_int_equal(ret, -ETIMEDOUT);
	first->ai_next = second;
	/* Half of the time for each; on a busy machine nearly all of the second half may pass. */
	limit = within(4000);
	before = mlx5x_limit_now();
	assert_int_equal(mlx5x_tcp_connect(first, &limit, &fd[3]), 0);
	assert_uint_in_range(mlx5x_limit_now() - before, 1900, 4000);
	close(fd[3]);
	for (i -= 2; i >= 0; i--)
		close(fd[i]);
	first->ai_next = NULL;
	freeaddrinfo(first);
	freeaddrinfo(second);
	close(deaf);
	close(good);
}

static void
silence_ends_at_the_deadline(void **state)
{
	struct pair p = join("127.0.0.1", "127.0.0.1");
	struct mlx5x_limit limit = within(50);
	uint64_t before = mlx5x_limit_now();
	char byte;

	assert_int_equal(mlx5x_tcp_receive(p.here, &byte, 1, &limit), -ETIMEDOUT);
	assert_int_equal(mlx5x_tcp_accept(p.listener, &limit, &p.listener), -ETIMEDOUT);
	assert_int_equal(mlx5x_limit_pause(&limit), -ETIMEDOUT);
	assert_uint_in_range(mlx5x_limit_now() - before, 50, 10000);
	part(&p);
}

static void
drops_do_not_move_the_deadline(void **state)
{
	struct pair p = join("127.0.0.1", "127.0.0.1");
	struct mlx5x_limit limit = within(50);
	char bytes[2];

	assert_int_equal(send(p.there, "x", 1, 0), 1);
	assert_int_equal(mlx5x_tcp_receive(p.here, bytes, 2, &limit), -ETIMEDOUT);
	part(&p);
}

static void
full_buffers_end_at_the_deadline(void **state)
{
	static char much[16 << 20];
	struct pair p = join("127.0.0.1", "127.0.0.1");
	struct mlx5x_limit limit = within(50);

	assert_int_equal(mlx5x_tcp_send(p.here, much, sizeof(much), &limit), -ETIMEDOUT);
	part(&p);
}

static void
closing_is_an_error_and_no_signal(void **state)
{
	struct pair p = join("127.0.0.1", "127.0.0.1");
	struct mlx5x_limit limit = within(1000);
	char bytes[2];
	int ret;

	close(p.there);
	assert_int_equal(mlx5x_tcp_receive(p.here, bytes, 2, &limit), -ECONNRESET);
	do {
		ret = mlx5x_tcp_send(p.here, "xy", 2, &limit);
	} while (ret == 0);
	assert_int_equal(ret, -ECONNRESET);
	p.there = dup(p.here);
	part(&p);
}

static void
watch_returns_the_descriptor(void **state)
{
	struct pair p = join("127.0.0.1", "127.0.0.1");
	struct mlx5x_limit limit = within(50);
	int fds[] = {p.here, -1, p.listener}, other;

	assert_int_equal(mlx5x_limit_watch(fds, 3, &limit), -ETIMEDOUT);
	limit.deadline = MLX5X_LIMIT_FOREVER;
	assert_int_equal(connect_to("127.0.0.1", port_of(p.listener), &other), 0);
	assert_int_equal(mlx5x_limit_watch(fds, 3, &limit), 2);
	close(p.there);
	assert_int_equal(mlx5x_limit_watch(fds, 3, &limit), 0);
	p.there = other;
	part(&p);
}

static void
waking_ends_each_wait(void **state)
{
	struct pair p = join("127.0.0.1", "127.0.0.1");
	struct mlx5x_limit limit = within(10000);
	uint64_t one = 1;
	char byte;

	assert_int_equal(write(wake, &one, sizeof(one)), sizeof(one));
	assert_int_equal(mlx5x_tcp_receive(p.here, &byte, 1, &limit), -ECANCELED);
	assert_int_equal(mlx5x_tcp_accept(p.listener, &limit, &p.listener), -ECANCELED);
	assert_int_equal(mlx5x_limit_pause(&limit), -ECANCELED);
	assert_int_equal(mlx5x_limit_watch(&p.here, 1, &limit), -ECANCELED);
	assert_int_equal(read(wake, &one, sizeof(one)), sizeof(one));
	part(&p);
}

static void
an_unknown_host_is_an_error(void **state)
{
	struct mlx5x_endpoint at = {.host = "no-such-host.invalid", .port = 1};
	struct addrinfo *list;

	assert_int_not_equal(mlx5x_tcp_resolve(&at, &list), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bytes_arrive),
		cmocka_unit_test(the_any_address_accepts_ipv4),
		cmocka_unit_test(port_in_use_is_rejected),
		cmocka_unit_test(no_listener_is_econnrefused),
		cmocka_unit_test(no_pair_is_joined_to_itself),
		cmocka_unit_test(a_silent_address_leaves_time_for_the_next),
		cmocka_unit_test(silence_ends_at_the_deadline),
		cmocka_unit_test(drops_do_not_move_the_deadline),
		cmocka_unit_test(full_buffers_end_at_the_deadline),
		cmocka_unit_test(closing_is_an_error_and_no_signal),
		cmocka_unit_test(watch_returns_the_descriptor),
		cmocka_unit_test(waking_ends_each_wait),
		cmocka_unit_test(an_unknown_host_is_an_error),
	};

	wake = eventfd(0, EFD_CLOEXEC);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
