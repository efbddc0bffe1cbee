/* SPDX-License-Identifier: BSD-3-Clause */
/*
 * hold.h - who may use a device or a port that another thread may end, and until when. Who looks one
 * up takes a hold in the same step, under the lock of the list that he found it in; who ends it takes
 * it out of that list, and then waits until nobody holds it any more.
 *
 *	who uses it                         what he holds        the end waits for him
 *	dma_map, dma_unmap, any thread      the device           in hold_end()
 *	telemetry's threads                 the device           likewise
 *	events of the device, EAL's         the device; while    likewise; and EAL unregisters the
 *	    interrupt thread                he tells of one,     handler when it is not running
 *	                                    the port alone
 *	events of mempools, any thread      the port             in hold_end()
 *	a port that starts or stops, and    the other port       likewise
 *	    tells of the other one's link
 *	events of memory, any thread        nothing              EAL, in mlx5x_implicit_stop()
 *	alarms (link.c, stall.c), EAL's     nothing              EAL, which cancels them: in
 *	    interrupt thread                                     mlx5x_link_settle(), _stall_stop()
 *	the threads of cable_tcp.c,         nothing              stop, which joins them
 *	    mender.c and acceptor.c
 *	bursts, the port's control calls    nothing              nobody: ethdev has its callers see to
 *	                                                         it that they are over
 *
 * What is ended: a port by its close; a device by the removal of the function, or, if it is dead, by
 * its port's close. No lock that a holder might want is held meanwhile.
 *
 * A holder may run the application's callback (LSC, RMV), and that may close the port, and remove the
 * device, right there. So a thread does not wait for what it holds itself: its own holds end with the
 * object, and mlx5x_hold_has() tells it so when it is back. What it knew of the object is gone then.
 */
#ifndef MLX5X_HOLD_H_
#define MLX5X_HOLD_H_

#include <pthread.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include <bsd/sys/queue.h>

/* Embedded in the object. Zero: nobody holds it, and it has not ended. */
struct mlx5x_hold {
	uint32_t users;			/* 2 for each hold, 1 when it has ended */
};

/* One hold, on the stack of the thread that takes it and lets it go. */
struct mlx5x_holder {
	struct mlx5x_hold *hold;	/* NULL: not taken, let go, or ended by this very thread */
	LIST_ENTRY(mlx5x_holder) next;	/* the thread's other holds */
};

/* False, and no hold, if it has ended. The caller knows that its memory is there. */
bool mlx5x_hold_take(struct mlx5x_hold *hold, struct mlx5x_holder *holder);

/* The object may be gone when this returns. Nothing happens if the holder has no hold. */
void mlx5x_hold_let_go(struct mlx5x_holder *holder);

/*
 * From here on nobody can take it. Waits until all others have let go; afterwards the object is the
 * caller's alone. May sleep. Once, by one thread.
 */
void mlx5x_hold_end(struct mlx5x_hold *hold);

/* The object is still there for the holder. */
static inline bool
mlx5x_hold_has(const struct mlx5x_holder *holder)
{
	return holder->hold != NULL;
}

#endif
