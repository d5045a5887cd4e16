package dev.espalier.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertNotSame;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ForkJoinPool;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicIntegerArray;
import java.util.concurrent.atomic.AtomicReference;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

class ParallelTest {
    @Property
    void visitsEveryIndexOnce(@ForAll @IntRange(max = 50) int count, @ForAll @IntRange(min = 1, max = 9) int threads) {
        AtomicIntegerArray visits = new AtomicIntegerArray(count);
        Parallel work = counting(visits);
        for (int round = 1; round <= 3; round++) {
            work.split(count, threads);
            for (int i = 0; i < count; i++) {
                assertEquals(round, visits.get(i));
            }
        }
    }

    /** Whichever part fails, the caller learns of it when all parts are over, and the object can be used again. */
    @Property(tries = 50)
    void passesAFailureOn(@ForAll @IntRange(max = 5) int bad) {
        AtomicIntegerArray visits = new AtomicIntegerArray(6);
        AtomicReference<IllegalStateException> failure = new AtomicReference<>(new IllegalStateException("bad part"));
        Parallel work = new Parallel() {
            @Override
            protected void run(int from, int to) {
                for (int i = from; i < to; i++) {
                    visits.incrementAndGet(i);
                    if (i == bad && failure.get() != null) {
                        throw failure.get();
                    }
                }
            }
        };
        IllegalStateException seen = assertThrows(IllegalStateException.class, () -> work.split(6, 6));
        assertEquals("bad part", seen.getMessage());
        for (int i = 0; i < 6; i++) {
            assertEquals(1, visits.get(i));
        }
        failure.set(null);
        work.split(6, 3);
        for (int i = 0; i < 6; i++) {
            assertEquals(2, visits.get(i));
        }
    }

    /** Two callers would share the parts, and one of them might wait for ever. */
    @Test
    void twoThreadsAtOnceAreRefused() {
        AtomicReference<Throwable> refused = new AtomicReference<>();
        Parallel[] work = new Parallel[1];
        work[0] = new Parallel() {
            @Override
            protected void run(int from, int to) {
                Thread other = Thread.ofPlatform()
                        .uncaughtExceptionHandler((thread, e) -> refused.set(e))
                        .start(() -> work[0].split(4, 2));
                try {
                    other.join();
                } catch (InterruptedException e) {
                    throw new AssertionError(e);
                }
            }
        };
        for (int round = 0; round < 2; round++) {
            refused.set(null);
            work[0].split(1, 1);
            assertEquals(
                    "used by two threads at the same time: expected one at a time",
                    assertInstanceOf(IllegalStateException.class, refused.get()).getMessage());
        }
    }

    /** One thread after the other: they use one array, and do not leave one each. */
    @Test
    void scratchArraysDoNotGrowWithThreads() throws InterruptedException {
        // A number and a length of this test alone.
        int which = 15;
        int length = 1_000_003;
        Set<float[]> seen = Collections.newSetFromMap(new IdentityHashMap<>());
        for (int i = 0; i < 200; i++) {
            Thread thread = Thread.ofVirtual().start(() -> {
                float[] array = Scratch.acquire(which, length);
                seen.add(array);
                Scratch.release(which, array);
            });
            thread.join();
        }
        assertEquals(1, seen.size());
    }

    @Test
    void aScratchArrayBelongsToWhoHasTakenIt() {
        // A number of this test alone.
        int which = 14;
        Scratch.release(which, new float[8]);
        float[] first = Scratch.acquire(which, 8);
        float[] second = Scratch.acquire(which, 8);
        assertNotSame(first, second);
        Scratch.release(new float[8]);
        assertNotSame(Scratch.acquire(8), Scratch.acquire(8));
    }

    /** No worker is to be had: the caller does all, and what is left in the queues does nothing later. */
    @Test
    void aCallerDoesNotWaitForWorkersThatAreBusy() throws InterruptedException {
        CountDownLatch release = new CountDownLatch(1);
        int workers = ForkJoinPool.getCommonPoolParallelism();
        CountDownLatch busy = new CountDownLatch(workers);
        for (int i = 0; i < workers; i++) {
            ForkJoinPool.commonPool().execute(() -> {
                busy.countDown();
                await(release);
            });
        }
        await(busy);
        AtomicIntegerArray visits = new AtomicIntegerArray(8);
        Parallel counting = counting(visits);
        Parallel work = new Parallel() {
            @Override
            protected void run(int from, int to) {
                if (from == 0) {
                    // On top of the parts, which the caller then cannot take back out of its queue.
                    ForkJoinPool.commonPool().execute(() -> {});
                }
                counting.run(from, to);
            }
        };
        Thread caller = Thread.ofPlatform().start(() -> {
            for (int round = 0; round < 100; round++) {
                work.split(8, 4);
            }
        });
        // Before the workers give up waiting, which would let a caller that waits for them go on.
        caller.join(10_000);
        boolean waits = caller.isAlive();
        release.countDown();
        assertEquals(false, waits);
        assertEquals(true, ForkJoinPool.commonPool().awaitQuiescence(20, TimeUnit.SECONDS));
        for (int i = 0; i < 8; i++) {
            assertEquals(100, visits.get(i));
        }
    }

    @Test
    void oneObjectServesManyTimesAndKeepsAnInterrupt() {
        AtomicIntegerArray visits = new AtomicIntegerArray(6);
        Parallel work = counting(visits);
        Thread.currentThread().interrupt();
        for (int round = 1; round <= 50_000; round++) {
            work.split(6, 1 + round % 4);
        }
        assertEquals(true, Thread.interrupted());
        for (int i = 0; i < 6; i++) {
            assertEquals(50_000, visits.get(i));
        }
    }

    /** A worker that takes longer than the caller is waited for, asleep, whether the caller is interrupted or not. */
    @Test
    void aSlowWorkerIsWaitedFor() throws InterruptedException {
        CountDownLatch begun = new CountDownLatch(1);
        CountDownLatch release = new CountDownLatch(1);
        AtomicInteger over = new AtomicInteger();
        Parallel work = new Parallel() {
            @Override
            protected void run(int from, int to) {
                if (from == 0) {
                    // Not the caller is to run the other part.
                    await(begun);
                    return;
                }
                begun.countDown();
                await(release);
                over.incrementAndGet();
            }
        };
        boolean[] interrupted = new boolean[1];
        int[] seen = new int[1];
        Thread caller = Thread.ofPlatform().start(() -> {
            work.split(2, 2);
            seen[0] = over.get();
            interrupted[0] = Thread.interrupted();
        });
        await(begun);
        // Time for the caller to fall asleep, and then to go on if an interrupt could make it; nothing depends on it.
        Thread.sleep(50);
        caller.interrupt();
        Thread.sleep(50);
        release.countDown();
        caller.join(20_000);
        assertEquals(false, caller.isAlive());
        assertEquals(1, seen[0]);
        assertEquals(true, interrupted[0]);
    }

    private static void await(CountDownLatch latch) {
        try {
            assertEquals(true, latch.await(20, TimeUnit.SECONDS), "nobody came");
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Parallel counting(AtomicIntegerArray visits) {
        return new Parallel() {
            @Override
            protected void run(int from, int to) {
                for (int i = from; i < to; i++) {
                    visits.incrementAndGet(i);
                }
            }
        };
    }

    @Test
    void pooledObjectsComeBack() {
        Pool<int[]> pool = new Pool<>(() -> new int[1]);
        int[] first = pool.acquire();
        int[] second = pool.acquire();
        assertEquals(false, first == second);
        pool.release(first);
        assertSame(first, pool.acquire());
        assertNotSame(first, pool.acquire(), "it is out again");
    }
}
