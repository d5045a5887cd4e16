package dev.espalier.nn;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;

import dev.espalier.kernel.Matrix;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.function.Executable;

class BatchTest {
    @Test
    void viewsOfTheLastTwoRowCountsAreKept() {
        Batch batch = new Batch(8, 3);
        Matrix full = batch.rows(8);
        Matrix part = batch.rows(5);
        Matrix transposed = batch.transposed(5);
        for (int i = 0; i < 3; i++) {
            assertSame(full, batch.rows(8));
            assertSame(part, batch.rows(5));
            assertSame(transposed, batch.transposed(5));
        }
        assertEquals(Matrix.of(batch.array(), 0, 5, 3), part);
        assertEquals(part.transpose(), transposed);
        assertEquals(2, batch.rows(2).rows());
        assertEquals(0, batch.rows(0).rows());
        assertEquals(8, batch.rows(8).rows());
    }

    @Test
    void columnsAreAView() {
        Batch batch = new Batch(4, 6);
        Batch part = batch.columns(2, 3).columns(1, 2);
        assertSame(batch.array(), part.array());
        assertEquals(3, part.offset());
        assertEquals(2, part.columns());
        assertEquals(6, part.rowStride());
        assertEquals(new Matrix(batch.array(), 3, 4, 2, 6, 1), part.rows(4));
        assertEquals(4, part.maxRows());
        assertEquals("Batch[at most 4 x 2]", part.toString());
        assertEquals(0, new Batch(0, 6).columns(2, 3).rows(0).rows());
    }

    @Test
    void wrongSizesAreNamed() {
        Batch batch = new Batch(4, 6);
        outside("rows = 5: expected within [0, 4]", () -> batch.rows(5));
        outside("rows = -1: expected within [0, 4]", () -> batch.transposed(-1));
        outside("columns [4, 7): expected at least one, within [0, 6)", () -> batch.columns(4, 3));
        outside("columns [4, 4): expected at least one, within [0, 6)", () -> batch.columns(4, 0));
        assertEquals(6, batch.rows(4).columns());
        illegal("maxRows = -1: expected at least 0", () -> new Batch(-1, 1));
        illegal("columns = 0: expected at least 1", () -> new Batch(1, 0));
        illegal(
                "maxRows x columns = 65536 x 65536 = 4294967296: expected at most 2147483647",
                () -> new Batch(65536, 65536));
    }

    private static void outside(String message, Executable call) {
        assertEquals(
                message, assertThrows(IndexOutOfBoundsException.class, call).getMessage());
    }

    private static void illegal(String message, Executable call) {
        assertEquals(message, assertThrows(IllegalArgumentException.class, call).getMessage());
    }
}
