/* SPDX-License-Identifier: BSD-3-Clause */
/* mp_serve.c with a fake channel and a fake dispatch. */
#include <errno.h>
#include <pthread.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <rte_eal.h>
#include <rte_errno.h>

#include "request/dispatch.h"
#include "log_lines.h"
#include "request/mp_message.h"
#include "request/mp_serve.h"
#include "registry/registry.h"
#include "unit.h"
#include "vma.h"

#define PAGE   UINT64_C(4096)
#define MEMORY 77

static rte_mp_t handler;
static int registered, register_error, unregistered;
static bool is_known, is_present;
static int result;
static atomic_bool is_held; /* a dispatch waits for its end */
static atomic_int nb_maps, nb_unmaps, nb_replies, last_reply;
static char last_peer[32];
static pthread_t caller;
static int nb_fds; /* so many go with each question */
static struct pci_ext_memory mapped;
static ino_t mapped_ino; /* of its descriptor */

int
rte_mp_action_register(const char *name, rte_mp_t action)
{
	registered++;
	handler = action;
	rte_errno = register_error;
	return register_error != 0 ? -1 : 0;
}

void
rte_mp_action_unregister(const char *name)
{
	unregistered++;
}

int
rte_mp_reply(struct rte_mp_msg *msg, const char *peer)
{
	struct pci_ext_mp_answer answer;

	assert_int_equal(msg->len_param, sizeof(answer));
	memcpy(&answer, msg->param, sizeof(answer));
	snprintf(last_peer, sizeof(last_peer), "%s", peer);
	atomic_store(&last_reply, answer.result);
	atomic_fetch_add(&nb_replies, 1);
	return 0;
}

bool
dmamap_vma_identify(uint64_t addr, uint64_t len, uint64_t *identity)
{
	*identity = MEMORY;
	return is_known;
}

size_t
pci_ext_registry_copy_devices(const char *name, struct pci_ext_device *copies, size_t max)
{
	*copies = (struct pci_ext_device){.present = is_present};
	return 1;
}

int
pci_ext_dispatch_map(const struct pci_ext_target *target, const struct pci_ext_memory *memory)
{
	struct stat file = {0};

	/* EAL's thread of the channel must not wait for a driver. */
	assert_false(pthread_equal(pthread_self(), caller));
	while (atomic_load(&is_held))
		sched_yield();
	assert_null(target->dev);
	assert_string_equal(target->name, "0000:00:10.0");
	assert_ptr_equal(memory->addr, (void *)PAGE);
	assert_int_equal(memory->iova, 5);
	assert_int_equal(memory->len, PAGE);
	mapped = *memory;
	mapped_ino = fstat(memory->fd, &file) == 0 ? file.st_ino : 0;
	atomic_fetch_add(&nb_maps, 1);
	return result;
}

int
pci_ext_dispatch_unmap(const struct pci_ext_target *target, const struct pci_ext_memory *memory)
{
	atomic_fetch_add(&nb_unmaps, 1);
	return result;
}

static int nb_maps_for_all, nb_unmaps_for_all;

static int
map_for_all(const struct pci_ext_memory *memory, pci_ext_report_t report, void *arg)
{
	assert_null(report);
	assert_false(pthread_equal(pthread_self(), caller));
	mapped = *memory;
	nb_maps_for_all++;
	return result;
}

static int
unmap_for_all(const struct pci_ext_memory *memory, pci_ext_report_t report, void *arg)
{
	nb_unmaps_for_all++;
	return result;
}

static const struct pci_ext_mp_serve_all for_all = {map_for_all, unmap_for_all};

static int
reset(void **state)
{
	nb_maps_for_all = nb_unmaps_for_all = 0;
	caller = pthread_self();
	register_error = result = nb_fds = 0;
	registered = unregistered = 0;
	is_known = is_present = true;
	atomic_store(&nb_maps, 0);
	atomic_store(&nb_unmaps, 0);
	atomic_store(&nb_replies, 0);
	atomic_store(&is_held, false);
	pci_ext_mp_serve_start(&for_all);
	return 0;
}

static struct pci_ext_mp_question
question(enum pci_ext_mp_verb verb)
{
	return (struct pci_ext_mp_question){.version = PCI_EXT_MP_VERSION,
		.verb = verb,
		.device = "0000:00:10.0",
		.addr = PAGE,
		.iova = 5,
		.len = PAGE,
		.memory = MEMORY};
}

/* As EAL does, which leaves them to the handler. */
static void
add_descriptors(struct rte_mp_msg *msg)
{
	for (msg->num_fds = 0; msg->num_fds < nb_fds; msg->num_fds++) {
		msg->fds[msg->num_fds] = memfd_create("dmabuf", 0);
		assert_true(msg->fds[msg->num_fds] >= 0);
	}
}

static void
send_question(const struct pci_ext_mp_question *q, int len)
{
	struct rte_mp_msg msg = {.name = PCI_EXT_MP_CHANNEL, .len_param = len};
	char peer[] = "peer";

	add_descriptors(&msg);
	memcpy(msg.param, q, sizeof(*q));
	assert_int_equal(handler(&msg, peer), 0);
	memset(peer, 'x', sizeof(peer)); /* EAL's buffer */
}

/* The answer, which a thread may send. */
static int
ask(const struct pci_ext_mp_question *q)
{
	int before = atomic_load(&nb_replies);

	send_question(q, sizeof(*q));
	while (atomic_load(&nb_replies) == before)
		sched_yield();
	assert_string_equal(last_peer, "peer");
	return atomic_load(&last_reply);
}

static void
maps_and_unmaps_are_executed(void **state)
{
	struct pci_ext_mp_question q = question(PCI_EXT_MP_HELLO);

	assert_int_equal(ask(&q), 0);
	assert_int_equal(nb_maps + nb_unmaps, 0);
	q = question(PCI_EXT_MP_MAP);
	assert_int_equal(ask(&q), 0);
	assert_int_equal(nb_maps, 1);
	result = -EBUSY;
	q = question(PCI_EXT_MP_UNMAP);
	is_known = false; /* unmapped from this process first */
	assert_int_equal(ask(&q), -EBUSY);
	assert_int_equal(nb_unmaps, 1);
}

static void
other_memory_is_not_mapped(void **state)
{
	struct pci_ext_mp_question q = question(PCI_EXT_MP_MAP);

	log_open();
	q.memory++;
	assert_int_equal(ask(&q), -EINVAL);
	assert_true(log_has("0000:00:10.0: a secondary process asks to map addr 0x1000 len 0x1000, "
			    "where it has other memory than this one"));
	log_close();
	q.memory--;
	is_known = false;
	assert_int_equal(ask(&q), -EINVAL);
	assert_int_equal(nb_maps, 0);
}

static void
an_absent_device_is_mapped_for_by_name_only(void **state)
{
	struct pci_ext_mp_question q = question(PCI_EXT_MP_MAP);

	is_present = false;
	assert_int_equal(ask(&q), 0);
	q.present = 1;
	log_open();
	assert_int_equal(ask(&q), -ENOTSUP);
	assert_true(
		log_has("a secondary process asks to map for it, but no driver has claimed it"));
	log_close();
	is_present = true;
	assert_int_equal(ask(&q), 0);
	assert_int_equal(nb_maps, 2);
}

static void
other_messages_are_refused(void **state)
{
	struct pci_ext_mp_question q = question(PCI_EXT_MP_MAP);

	q.version++;
	assert_int_equal(ask(&q), -ENOTSUP);
	q = question(PCI_EXT_MP_UNMAP + 1);
	assert_int_equal(ask(&q), -ENOTSUP);
	q = question(PCI_EXT_MP_MAP);
	memset(q.device, 'x', sizeof(q.device));
	assert_int_equal(ask(&q), -ENOTSUP);
	q = question(PCI_EXT_MP_MAP);
	send_question(&q, sizeof(q) - 1);
	assert_int_equal(atomic_load(&last_reply), -ENOTSUP);
	assert_int_equal(nb_maps, 0);
}

static void
an_access_comes_with_it(void **state)
{
	struct pci_ext_mp_question q = question(PCI_EXT_MP_MAP);

	assert_int_equal(ask(&q), 0);
	assert_int_equal(mapped.access, PCI_EXT_ACCESS_READ_WRITE);
	assert_false(mapped.is_dmabuf);
	q.access = PCI_EXT_ACCESS_READ;
	assert_int_equal(ask(&q), 0);
	assert_int_equal(mapped.access, PCI_EXT_ACCESS_READ);
}

/* No device has this name: whether one is present does not matter. */
static void
all_devices_are_those_of_this_process(void **state)
{
	struct pci_ext_mp_question q = question(PCI_EXT_MP_MAP);

	memcpy(q.device, PCI_EXT_MP_ALL, sizeof(PCI_EXT_MP_ALL));
	q.access = PCI_EXT_ACCESS_READ;
	is_present = false;
	result = -EEXIST;
	assert_int_equal(ask(&q), -EEXIST);
	assert_int_equal(mapped.access, PCI_EXT_ACCESS_READ);
	assert_int_equal(mapped.len, PAGE);
	assert_int_equal(nb_maps_for_all, 1);
	q.memory++;
	assert_int_equal(ask(&q), -EINVAL);
	result = 0;
	q.verb = PCI_EXT_MP_UNMAP;
	assert_int_equal(ask(&q), 0);
	assert_int_equal(nb_unmaps_for_all, 1);
	assert_int_equal(nb_maps_for_all, 1);
	assert_int_equal(nb_maps + nb_unmaps, 0);
}

/* The lowest number that is free: it is the same while none is lost. */
static int
next_descriptor(void)
{
	int fd = memfd_create("next", 0);

	close(fd);
	return fd;
}

/* Its memory is that of the descriptor, whatever there is at the addresses. */
static void
a_dmabuf_comes_by_its_descriptor(void **state)
{
	struct pci_ext_mp_question q = question(PCI_EXT_MP_MAP);

	q.is_dmabuf = 1;
	q.offset = 7;
	is_known = false;
	nb_fds = 1;
	assert_int_equal(ask(&q), 0);
	assert_true(mapped.is_dmabuf);
	assert_int_equal(mapped.offset, 7);
	assert_int_not_equal(mapped_ino, 0);
	nb_fds = 0;
	result = -EBADF; /* of dispatch, for none */
	assert_int_equal(ask(&q), -EBADF);
	assert_int_equal(mapped_ino, 0);
	pci_ext_mp_serve_stop();
}

static void
no_descriptor_is_left(void **state)
{
	struct pci_ext_mp_question q = question(PCI_EXT_MP_MAP);
	int before = next_descriptor();

	q.is_dmabuf = 1;
	for (nb_fds = 1; nb_fds <= RTE_MP_MAX_FD_NUM; nb_fds++) {
		assert_int_equal(ask(&q), 0);
		q.version++;
		assert_int_equal(ask(&q), -ENOTSUP);
		send_question(&q, sizeof(q) - 1);
		q.version--;
		q.verb = PCI_EXT_MP_UNMAP;
		assert_int_equal(ask(&q), 0);
		q.verb = PCI_EXT_MP_MAP;
	}
	nb_fds = 1;
	pci_ext_mp_serve_stop(); /* when the threads have closed theirs */
	assert_int_equal(ask(&q), -ENODEV);
	assert_int_equal(next_descriptor(), before);
}

static void
stop_waits_for_what_is_in_progress(void **state)
{
	struct pci_ext_mp_question q = question(PCI_EXT_MP_MAP);
	int i;

	atomic_store(&is_held, true);
	for (i = 0; i < 3; i++)
		send_question(&q, sizeof(q));
	assert_int_equal(nb_replies, 0);
	atomic_store(&is_held, false);
	pci_ext_mp_serve_stop();
	assert_int_equal(nb_replies, 3);
	assert_int_equal(unregistered, 1);
	assert_int_equal(ask(&q), -ENODEV);
	pci_ext_mp_serve_start(&for_all);
	assert_int_equal(ask(&q), 0);
}

static void
a_process_without_a_channel_serves_nobody(void **state)
{
	register_error = ENOTSUP;
	pci_ext_mp_serve_start(&for_all);
	register_error = EEXIST;
	pci_ext_mp_serve_start(&for_all);
	assert_int_equal(registered, 3);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(maps_and_unmaps_are_executed, reset),
		cmocka_unit_test_setup(other_memory_is_not_mapped, reset),
		cmocka_unit_test_setup(an_absent_device_is_mapped_for_by_name_only, reset),
		cmocka_unit_test_setup(other_messages_are_refused, reset),
		cmocka_unit_test_setup(an_access_comes_with_it, reset),
		cmocka_unit_test_setup(a_dmabuf_comes_by_its_descriptor, reset),
		cmocka_unit_test_setup(all_devices_are_those_of_this_process, reset),
		cmocka_unit_test_setup(no_descriptor_is_left, reset),
		cmocka_unit_test_setup(stop_waits_for_what_is_in_progress, reset),
		cmocka_unit_test_setup(a_process_without_a_channel_serves_nobody, reset),
	};

	return cmocka_run_group_tests_name("mp_serve", tests, NULL, NULL);
}
