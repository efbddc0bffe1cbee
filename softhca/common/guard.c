/* SPDX-License-Identifier: BSD-3-Clause */
#include <pthread.h>
#include <setjmp.h>
#include <signal.h>
#include <string.h>
#include <ucontext.h>

#include "common/guard.h"

/* Not NULL while this thread is in a guarded access. */
static __thread sigjmp_buf *volatile escape;
static struct sigaction old_segv, old_bus;

static void
on_fault(int sig, siginfo_t *info, void *context)
{
	const struct sigaction *old = sig == SIGBUS ? &old_bus : &old_segv;

	if (escape != NULL) {
		/* Here, not by sigsetjmp(), where it would be a system call for each copy. */
		pthread_sigmask(SIG_SETMASK, &((ucontext_t *)context)->uc_sigmask, NULL);
		siglongjmp(*escape, 1);
	}
	if ((old->sa_flags & SA_SIGINFO) != 0)
		old->sa_sigaction(sig, info, context);
	else if (old->sa_handler != SIG_DFL && old->sa_handler != SIG_IGN)
		old->sa_handler(sig);
	else
		signal(sig, SIG_DFL);	/* the access happens again, and ends the process */
}

static void
install(int sig, struct sigaction *old)
{
	struct sigaction ours = {.sa_sigaction = on_fault, .sa_flags = SA_SIGINFO};
	struct sigaction now;

	sigaction(sig, NULL, &now);
	if (now.sa_sigaction == on_fault)
		return;
	*old = now;
	sigaction(sig, &ours, NULL);
}

void
hca_guard_install(void)
{
	static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

	pthread_mutex_lock(&lock);
	install(SIGSEGV, &old_segv);
	install(SIGBUS, &old_bus);
	pthread_mutex_unlock(&lock);
}

/* The fences keep the accesses between the two; a handler runs in this very thread. */
static inline void
enter(sigjmp_buf *here)
{
	escape = here;
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
}

static inline void
leave(void)
{
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	escape = NULL;
}

bool
hca_guard_copy(void *to, const void *from, size_t len)
{
	sigjmp_buf here;

	if (sigsetjmp(here, 0) != 0) {
		escape = NULL;
		return false;
	}
	enter(&here);
	memcpy(to, from, len);
	leave();
	return true;
}
