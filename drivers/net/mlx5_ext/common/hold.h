/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * hold.h - references that keep a device or a port alive while another thread may end it. A look-up
 * takes a hold in the same critical section of the list's lock; the thread that ends the object
 * removes it from that list, and then waits until it has no holder.
 *
 *	user                                hold on              waited for by
 *	dma_map, dma_unmap, any thread      the device; and for  mlx5x_hold_end()
 *	                                    a recovery the port
 *	telemetry's threads                 the device           mlx5x_hold_end()
 *	events of the device, EAL's         the device; during   mlx5x_hold_end(); and EAL, which
 *	    interrupt thread                callbacks the port   unregisters the handler when it is
 *	                                    alone                not running
 *	events of mempools, any thread      the port             mlx5x_hold_end()
 *	a port that starts or stops, for    the other port       mlx5x_hold_end()
 *	    the link of the other one
 *	events of memory, any thread        nothing              EAL, in mlx5x_memory_events_stop()
 *	alarms (link.c, stall.c), EAL's     nothing              EAL's cancellation in
 *	    interrupt thread                                     mlx5x_link_settle() and
 *	                                                         mlx5x_stall_stop()
 *	the threads of cable_tcp.c,         nothing              stop, which joins them
 *	    mender.c and acceptor.c
 *	bursts, the port's control calls    nothing              ethdev's callers
 *
 * A port ends with its close, a device with the removal of its function or, if it is dead, with the
 * close of its port. The waiting thread holds no lock that a holder may take.
 *
 * A holder may run the application's callback (LSC, RMV), which may close the port and remove the
 * device. So a thread does not wait for its own holds: they end with the object, and after the
 * callback mlx5x_hold_has() returns false. The thread must not access the object then.
 */
#ifndef MLX5X_HOLD_H_
#define MLX5X_HOLD_H_

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>

#include <bsd/sys/queue.h>

struct mlx5x_holder;

/* Embedded in the object. Zero: not held, not ended. */
struct mlx5x_hold {
	LIST_HEAD(, mlx5x_holder) holders;
	bool ended;
};

/* One hold, on the stack of its thread, which takes and releases it. */
struct mlx5x_holder {
	struct mlx5x_hold *hold;	/* NULL: not taken, released, or ended by this thread */
	pthread_t thread;
	LIST_ENTRY(mlx5x_holder) next;
};

/*
 * Guards all lists of holders, and the list of devices (device.c), whose look-ups take holds. Each
 * is short, and the lock is held for a few instructions.
 */
extern pthread_mutex_t mlx5x_hold_lock;

/*
 * Takes a hold; false if the object has ended. The caller makes sure that the memory of *hold is
 * valid. Any thread; the second one under the lock.
 */
bool mlx5x_hold_take(struct mlx5x_hold *hold, struct mlx5x_holder *holder);
bool mlx5x_hold_take_locked(struct mlx5x_hold *hold, struct mlx5x_holder *holder);

/* Releases the hold, if there is one. The object may be freed before this returns. */
void mlx5x_hold_let_go(struct mlx5x_holder *holder);

/*
 * Makes all later attempts to take a hold fail and waits until the other threads have released
 * theirs; then the caller has exclusive access. May sleep. Called once, by one thread.
 */
void mlx5x_hold_end(struct mlx5x_hold *hold);

/* True while the hold is valid. */
static inline bool
mlx5x_hold_has(const struct mlx5x_holder *holder)
{
	return holder->hold != NULL;
}

#endif
