/*
 * What this machine can do: the loops that the kernels are measured against. Compiled when the comparison starts, with
 * gcc -O3 -march=native -fno-math-errno -fno-trapping-math: IEEE arithmetic, but no errno and no exception flags, which Java
 * has neither.
 */
#include <math.h>
#ifdef __AVX512F__
#include <immintrin.h>
#endif

/* Two FMA ports of latency four or five want ten; twelve stay in registers at every width. */
#define ACCUMULATORS 12

#define PEAK(BITS)                                                                                                             \
    typedef float vector##BITS __attribute__((vector_size(BITS / 8)));                                                         \
    /* count multiply-adds of BITS bits, which is 2 * BITS / 32 * count operations. */                                         \
    float peak##BITS(long count, float factor, float start) {                                                                  \
        vector##BITS a[ACCUMULATORS], f = factor - (vector##BITS){0};                                                          \
        for (int j = 0; j < ACCUMULATORS; j++) {                                                                               \
            a[j] = start + j - (vector##BITS){0};                                                                              \
        }                                                                                                                      \
        for (long i = 0; i < count; i += ACCUMULATORS) {                                                                       \
            for (int j = 0; j < ACCUMULATORS; j++) {                                                                           \
                a[j] = a[j] * f + f;                                                                                           \
            }                                                                                                                  \
        }                                                                                                                      \
        float sum = 0;                                                                                                         \
        for (int j = 0; j < ACCUMULATORS; j++) {                                                                               \
            for (int l = 0; l < BITS / 32; l++) {                                                                              \
                sum += a[j][l];                                                                                                \
            }                                                                                                                  \
        }                                                                                                                      \
        return sum;                                                                                                            \
    }

PEAK(128)
PEAK(256)
PEAK(512)

void clamp(float *x, long n, float low, float high) {
    for (long i = 0; i < n; i++) {
        float y = x[i] < low ? low : x[i];
        x[i] = y > high ? high : y;
    }
}

void scale(float *x, long n, float factor) {
    for (long i = 0; i < n; i++) {
        x[i] *= factor;
    }
}

void store(float *x, long n, float value) {
    for (long i = 0; i < n; i++) {
        x[i] = value;
    }
}

/* As many floats as doubles fill a vector: gcc 12 would convert a wider one in halves, by way of memory. */
#ifdef __AVX512F__
#define LANES 8
#else
#define LANES 4
#endif
typedef float floats __attribute__((vector_size(LANES * 4), aligned(4), may_alias));
typedef double doubles __attribute__((vector_size(LANES * 8)));

static inline doubles widen(const float *x) {
#ifdef __AVX512F__
    return (doubles)_mm512_cvtps_pd(_mm256_loadu_ps(x));
#else
    return __builtin_convertvector(*(const floats *)x, doubles);
#endif
}

/* Reads, and does as little as possible with what it reads. */
float load(const float *x, long n) {
    enum { WIDTH = 8, STEP = 8 * WIDTH };
    typedef float wide __attribute__((vector_size(WIDTH * 4), aligned(4), may_alias));
    wide a[8] = {{0}};
    long i = 0;
    for (; i + STEP <= n; i += STEP) {
        for (int j = 0; j < 8; j++) {
            a[j] += *(const wide *)(x + i + j * WIDTH);
        }
    }
    float sum = 0;
    for (int j = 0; j < 8; j++) {
        for (int l = 0; l < WIDTH; l++) {
            sum += a[j][l];
        }
    }
    for (; i < n; i++) {
        sum += x[i];
    }
    return sum;
}

double sum_of_squares(const float *x, long n) {
    enum { STEP = 8 * LANES };
    doubles a[8] = {{0}};
    long i = 0;
    for (; i + STEP <= n; i += STEP) {
        for (int j = 0; j < 8; j++) {
            doubles d = widen(x + i + j * LANES);
            a[j] += d * d;
        }
    }
    double sum = 0;
    for (int j = 0; j < 8; j++) {
        for (int l = 0; l < LANES; l++) {
            sum += a[j][l];
        }
    }
    for (; i < n; i++) {
        sum += (double)x[i] * x[i];
    }
    return sum;
}

/* The global norm, and the clip where it exceeds the threshold. */
double clip_norm(float *x, long n, float threshold) {
    double norm = sqrt(sum_of_squares(x, n));
    if (norm > threshold) {
        scale(x, n, threshold / norm);
    }
    return norm;
}

/* Adam in one pass, Kingma and Ba's algorithm 1, with the bias corrections of step 1. */
void adam(float *restrict w, const float *restrict g, float *restrict m, float *restrict v, long n, float factor, float bound) {
    const float b1 = 0.1f, b2 = 0.001f, rate = 1e-3f / 0.1f, root = 31.6227766f;
    for (long i = 0; i < n; i++) {
        float c = g[i] * factor;
        c = c < -bound ? -bound : c;
        c = c > bound ? bound : c;
        float mi = m[i] + b1 * (c - m[i]);
        float vi = v[i] + b2 * (c * c - v[i]);
        m[i] = mi;
        v[i] = vi;
        w[i] -= rate * mi / (sqrtf(vi) * root + 1e-8f);
    }
}

/* The same without clipping. */
void adam_plain(float *restrict w, const float *restrict g, float *restrict m, float *restrict v, long n) {
    const float b1 = 0.1f, b2 = 0.001f, rate = 1e-3f / 0.1f, root = 31.6227766f;
    for (long i = 0; i < n; i++) {
        float mi = m[i] + b1 * (g[i] - m[i]);
        float vi = v[i] + b2 * (g[i] * g[i] - v[i]);
        m[i] = mi;
        v[i] = vi;
        w[i] -= rate * mi / (sqrtf(vi) * root + 1e-8f);
    }
}

void adam_norm(
    float *restrict w, const float *restrict g, float *restrict m, float *restrict v, long n, float threshold) {
    double norm = sqrt(sum_of_squares(g, n));
    adam(w, g, m, v, n, norm > threshold ? threshold / norm : 1, INFINITY);
}
