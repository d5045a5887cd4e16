package dev.espalier.internal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

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
        Parallel work = new Parallel() {
            @Override
            protected void run(int from, int to) {
                for (int i = from; i < to; i++) {
                    visits.incrementAndGet(i);
                }
            }
        };
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

    @Test
    void pooledObjectsComeBack() {
        Pool<int[]> pool = new Pool<>(() -> new int[1]);
        int[] first = pool.acquire();
        int[] second = pool.acquire();
        assertEquals(false, first == second);
        pool.release(first);
        assertSame(first, pool.acquire());
    }
}
