/* SPDX-License-Identifier: BSD-3-Clause */
/* mp_ask.c with a fake channel: what is asked, and what becomes of each kind of answer. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rte_eal.h>
#include <rte_errno.h>

#include "log_lines.h"
#include "request/mp_ask.h"
#include "request/mp_message.h"
#include "unit.h"
#include "vma.h"

#define PAGE UINT64_C(4096)

static bool is_shared;
static int channel_error; /* of EAL, for all but the first hello */
static int greeting, result;
static int nb_hellos, nb_asked;
static struct pci_ext_mp_question asked;
static int asked_fd; /* -1: none went with it */

bool
dmamap_vma_identify(uint64_t addr, uint64_t len, uint64_t *identity)
{
	*identity = addr + len;
	return is_shared;
}

static int
answer(struct rte_mp_reply *reply, int value)
{
	struct pci_ext_mp_answer a = {.result = value};

	reply->nb_sent = reply->nb_received = 1;
	reply->msgs = calloc(1, sizeof(*reply->msgs));
	assert_non_null(reply->msgs);
	reply->msgs[0].len_param = sizeof(a);
	memcpy(reply->msgs[0].param, &a, sizeof(a));
	return 0;
}

static int
reject(int error)
{
	rte_errno = error;
	return -1;
}

int
rte_mp_request_sync(
	struct rte_mp_msg *req, struct rte_mp_reply *reply, const struct timespec *patience)
{
	struct pci_ext_mp_question q;

	assert_string_equal(req->name, PCI_EXT_MP_CHANNEL);
	assert_int_equal(req->len_param, sizeof(q));
	memcpy(&q, req->param, sizeof(q));
	assert_int_equal(q.version, PCI_EXT_MP_VERSION);
	if (q.verb == PCI_EXT_MP_HELLO) {
		nb_hellos++;
		assert_int_equal(req->num_fds, 0);
		assert_true(patience->tv_sec <= 10);
		return greeting < 0 ? reject(-greeting) : answer(reply, greeting);
	}
	nb_asked++;
	asked = q;
	asked_fd = req->num_fds == 1 ? req->fds[0] : -1;
	assert_true(req->num_fds == 0 || asked_fd >= 0);
	return channel_error != 0 ? reject(channel_error) : answer(reply, result);
}

static const struct pci_ext_target device = {
	.dev = (struct rte_device *)&result, /* only inspected */
	.name = "0000:00:10.0"};
static const struct pci_ext_target named = {.name = "0000:00:11.0"};

static int
map(const struct pci_ext_target *target, uint64_t addr, uint64_t iova, uint64_t len)
{
	return pci_ext_mp_ask_map(
		target, &(struct pci_ext_memory){(void *)(uintptr_t)addr, iova, len});
}

static int
unmap(const struct pci_ext_target *target, uint64_t addr, uint64_t iova, uint64_t len)
{
	return pci_ext_mp_ask_unmap(
		target, &(struct pci_ext_memory){(void *)(uintptr_t)addr, iova, len});
}

static int
reset(void **state)
{
	is_shared = true;
	channel_error = greeting = result = 0;
	nb_hellos = nb_asked = 0;
	memset(&asked, 0, sizeof(asked));
	log_open();
	return 0;
}

/* First of all tests: later the primary is known to answer. */
static void
a_primary_without_pci_ext_is_enotsup(void **state)
{
	greeting = -ETIMEDOUT;
	assert_int_equal(map(&device, PAGE, 0, PAGE), -ENOTSUP);
	assert_true(log_has("0000:00:10.0: the primary process, which has to map for this one, "
			    "does not (Connection timed out): load the same"));
	greeting = -ENOTSUP; /* another version */
	assert_int_equal(unmap(&device, PAGE, 0, PAGE), -ENOTSUP);
	assert_int_equal(nb_hellos, 2);
	assert_int_equal(nb_asked, 0);
}

static void
the_request_is_passed_on(void **state)
{
	assert_int_equal(map(&device, 3 * PAGE, 5, PAGE), 0);
	assert_int_equal(asked.verb, PCI_EXT_MP_MAP);
	assert_string_equal(asked.device, "0000:00:10.0");
	assert_int_equal(asked.present, 1);
	assert_int_equal(asked.addr, 3 * PAGE);
	assert_int_equal(asked.iova, 5);
	assert_int_equal(asked.len, PAGE);
	assert_int_equal(asked.memory, 4 * PAGE);
	assert_int_equal(asked.access, PCI_EXT_ACCESS_READ_WRITE);
	assert_int_equal(asked.is_dmabuf, 0);
	assert_int_equal(asked_fd, -1);
	assert_int_equal(unmap(&named, PAGE, 0, 2 * PAGE), 0);
	assert_int_equal(asked.verb, PCI_EXT_MP_UNMAP);
	assert_int_equal(asked.present, 0);
	assert_int_equal(asked.len, 2 * PAGE);
	assert_int_equal(nb_hellos, 1);
}

static void
the_primary_s_result_is_returned(void **state)
{
	result = -EEXIST;
	assert_int_equal(map(&device, PAGE, 0, PAGE), -EEXIST);
	assert_true(log_has(" by the primary process: File exists; its log says more"));
	result = -EBUSY;
	assert_int_equal(unmap(&device, PAGE, 0, PAGE), -EBUSY);
}

static void
memory_that_is_not_shared_is_not_asked_for(void **state)
{
	is_shared = false;
	assert_int_equal(map(&device, PAGE, 0, PAGE), -EINVAL);
	assert_true(
		log_has("0000:00:10.0: addr 0x1000 len 0x1000 is not shared memory: the primary"));
	assert_int_equal(nb_asked, 0);
	/* It may have been freed first. */
	assert_int_equal(unmap(&device, PAGE, 0, PAGE), 0);
}

static void
an_access_goes_with_it(void **state)
{
	struct pci_ext_memory memory = {
		.addr = (void *)PAGE, .len = PAGE, .access = PCI_EXT_ACCESS_READ};

	assert_int_equal(pci_ext_mp_ask_map(&device, &memory), 0);
	assert_int_equal(asked.access, PCI_EXT_ACCESS_READ);
	is_shared = false;
	assert_int_equal(pci_ext_mp_ask_map(&device, &memory), -EINVAL);
	assert_int_equal(nb_asked, 1);
}

/* Its memory is the descriptor's, whatever there is at the addresses here. */
static void
a_dmabuf_s_descriptor_goes_with_it(void **state)
{
	struct pci_ext_memory memory = {.addr = (void *)PAGE,
		.len = PAGE,
		.is_dmabuf = 1,
		.fd = STDOUT_FILENO,
		.offset = 3 * PAGE};

	is_shared = false;
	assert_int_equal(pci_ext_mp_ask_map(&device, &memory), 0);
	assert_int_equal(asked.is_dmabuf, 1);
	assert_int_equal(asked.offset, 3 * PAGE);
	assert_int_equal(asked_fd, STDOUT_FILENO);
	memory.fd = -1;
	assert_int_equal(pci_ext_mp_ask_map(&device, &memory), -EBADF);
	assert_true(log_has("descriptor -1 of a dma-buf is not open"));
	assert_int_equal(nb_asked, 1);
	assert_int_equal(pci_ext_mp_ask_unmap(&device, &memory), 0);
	assert_int_equal(asked_fd, -1);
}

/* Last: whether there is a primary is asked again. */
static void
silence_is_a_timeout(void **state)
{
	channel_error = ETIMEDOUT;
	assert_int_equal(map(&device, PAGE, 0, PAGE), -ETIMEDOUT);
	greeting = -ETIMEDOUT;
	assert_int_equal(map(&device, PAGE, 0, PAGE), -ENOTSUP);
	assert_int_equal(nb_asked, 1);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			a_primary_without_pci_ext_is_enotsup, reset, log_tear_down),
		cmocka_unit_test_setup_teardown(the_request_is_passed_on, reset, log_tear_down),
		cmocka_unit_test_setup_teardown(
			the_primary_s_result_is_returned, reset, log_tear_down),
		cmocka_unit_test_setup_teardown(
			memory_that_is_not_shared_is_not_asked_for, reset, log_tear_down),
		cmocka_unit_test_setup_teardown(an_access_goes_with_it, reset, log_tear_down),
		cmocka_unit_test_setup_teardown(
			a_dmabuf_s_descriptor_goes_with_it, reset, log_tear_down),
		cmocka_unit_test_setup_teardown(silence_is_a_timeout, reset, log_tear_down),
	};

	return cmocka_run_group_tests_name("mp_ask", tests, NULL, NULL);
}
