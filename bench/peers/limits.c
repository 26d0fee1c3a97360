/* What this machine can do at most: multiply-adds in float32 and in 8 bits, and bytes read from memory.
 *
 * Knows: the widest instructions of the CPU it is compiled on (AVX-512 or AVX2 with FMA; VNNI, or the three instructions that stand
 * in for it). Does not know: any model. limits.py compiles and runs it.
 *
 * Run: limits THREADS; prints fp32 GFLOP/s, int8 GOP/s (a multiply-add is two) and GB/s read, each the best of 5 runs of 0.3 s.
 */
#include <immintrin.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#define RUNS 5
#define SECONDS 0.3
#define MOST_THREADS 64
#define BUFFER_BYTES ((size_t)1 << 30)
#define BLOCK 4096 /* rounds, or vectors, between two looks at the clock */

/* Independent sums hide the latency of one: 4 cycles of FMA at two a cycle want 8, and 12 leave room in 16 registers.
 * Each has a name of its own: gcc leaves the members of an array in memory. */
#define EACH(DO) DO(0) DO(1) DO(2) DO(3) DO(4) DO(5) DO(6) DO(7) DO(8) DO(9) DO(10) DO(11)
#define SUMS 12

#ifdef __AVX512F__
typedef __m512 floats;
typedef __m512i bytes;
#define FLOATS_OF(x) _mm512_set1_ps(x)
#define FMA(a, b, c) _mm512_fmadd_ps(a, b, c)
#define BYTES_OF(x) _mm512_set1_epi8(x)
#define XOR(a, b) _mm512_xor_si512(a, b)
/* The compiler may neither foresee what is in x nor do without it. */
#define KEEP(x) __asm__ volatile("" : "+v"(x))
#else
typedef __m256 floats;
typedef __m256i bytes;
#define FLOATS_OF(x) _mm256_set1_ps(x)
#define FMA(a, b, c) _mm256_fmadd_ps(a, b, c)
#define BYTES_OF(x) _mm256_set1_epi8(x)
#define XOR(a, b) _mm256_xor_si256(a, b)
#define KEEP(x) __asm__ volatile("" : "+x"(x))
#endif

/* sum + a . b in 32 bits, a unsigned and b signed: 4 multiply-adds a lane. */
#if defined(__AVX512VNNI__)
#define DOT(sum, a, b, ones) _mm512_dpbusd_epi32(sum, a, b)
#define INSTRUCTIONS "AVX-512 VNNI"
#elif defined(__AVXVNNI__)
#define DOT(sum, a, b, ones) _mm256_dpbusd_avx_epi32(sum, a, b)
#define INSTRUCTIONS "AVX-VNNI"
#elif defined(__AVX512BW__)
#define DOT(sum, a, b, ones) _mm512_add_epi32(sum, _mm512_madd_epi16(_mm512_maddubs_epi16(a, b), ones))
#define INSTRUCTIONS "AVX-512 without VNNI"
#else
#define DOT(sum, a, b, ones) _mm256_add_epi32(sum, _mm256_madd_epi16(_mm256_maddubs_epi16(a, b), ones))
#define INSTRUCTIONS "AVX2"
#endif

typedef struct {
    int index, threads;
    double rate;
} worker;

static pthread_barrier_t start;
static unsigned char *buffer;

/* Seconds since some fixed moment. */
static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + 1e-9 * (double)t.tv_nsec;
}

/* BLOCK rounds of SUMS fused multiply-adds; returns the operations. */
static double multiply_floats(const worker *w, size_t *place) {
    (void)w, (void)place;
    const floats a = FLOATS_OF(0.999f), b = FLOATS_OF(0.001f);
#define BEGIN(i) floats sum##i = FLOATS_OF((float)i);
#define STEP(i) sum##i = FMA(sum##i, a, b); KEEP(sum##i);
    EACH(BEGIN)
    for (int round = 0; round < BLOCK; round++) { EACH(STEP) }
#undef BEGIN
#undef STEP
    return 2.0 * BLOCK * SUMS * (sizeof(floats) / sizeof(float));
}

/* BLOCK rounds of SUMS dot products of bytes; returns the operations. */
static double multiply_bytes(const worker *w, size_t *place) {
    (void)w, (void)place;
    bytes a = BYTES_OF(3);
    const bytes b = BYTES_OF(-5);
#if !defined(__AVX512VNNI__) && !defined(__AVXVNNI__)
    const bytes ones = BYTES_OF(1); /* 257 in 16 bits: as good as 1 for the time it takes */
#endif
    /* Without KEEP(a) the product would be computed once for all sums. */
#define BEGIN(i) bytes sum##i = BYTES_OF(i);
#define STEP(i) KEEP(a); sum##i = DOT(sum##i, a, b, ones); KEEP(sum##i);
    EACH(BEGIN)
    for (int round = 0; round < BLOCK; round++) { EACH(STEP) }
#undef BEGIN
#undef STEP
    return 2.0 * BLOCK * SUMS * sizeof(bytes);
}

/* Reads on through this thread's part of the buffer, BLOCK * SUMS vectors; returns the bytes. */
static double read_memory(const worker *w, size_t *place) {
    const size_t part = BUFFER_BYTES / (size_t)w->threads, count = sizeof(bytes) * SUMS * BLOCK;
    if (*place + count > part) *place = 0;
    const bytes *from = (const bytes *)(buffer + part * (size_t)w->index + *place);
    const bytes *end = from + SUMS * BLOCK;
#define BEGIN(i) bytes sum##i = BYTES_OF(0);
#define STEP(i) sum##i = XOR(sum##i, from[i]); KEEP(sum##i);
    EACH(BEGIN)
    for (; from < end; from += SUMS) { EACH(STEP) }
#undef BEGIN
#undef STEP
    *place += count;
    return (double)count;
}

static double (*measured)(const worker *, size_t *);

/* One thread's part of a run: work until the time is over, and note the rate. */
static void *work(void *argument) {
    worker *w = argument;
    size_t place = 0;
    double done = 0, begin, end;
    measured(w, &place); /* wakes the wide units up */
    pthread_barrier_wait(&start);
    begin = now();
    do {
        done += measured(w, &place);
        end = now();
    } while (end - begin < SECONDS);
    w->rate = done / (end - begin);
    return NULL;
}

/* The best of RUNS runs on so many threads, in units of 1e9 a second. */
static double best(double (*what)(const worker *, size_t *), int threads) {
    double most = 0;
    measured = what;
    for (int run = 0; run < RUNS; run++) {
        pthread_t handles[MOST_THREADS];
        worker workers[MOST_THREADS];
        double sum = 0;
        pthread_barrier_init(&start, NULL, (unsigned)threads);
        for (int i = 0; i < threads; i++) {
            workers[i] = (worker){i, threads, 0};
            pthread_create(&handles[i], NULL, work, &workers[i]);
        }
        for (int i = 0; i < threads; i++) {
            pthread_join(handles[i], NULL);
            sum += workers[i].rate;
        }
        pthread_barrier_destroy(&start);
        if (sum > most) most = sum;
    }
    return most / 1e9;
}

/* Reads the number of threads and prints one JSON object. */
int main(int count, char **arguments) {
    const int threads = count > 1 ? atoi(arguments[1]) : 1;
    if (threads < 1 || threads > MOST_THREADS) return 2;
    buffer = aligned_alloc(4096, BUFFER_BYTES);
    if (buffer == NULL) return 1;
    /* Written once: untouched pages are all one page of zeros, which lies in the cache. */
    for (size_t i = 0; i < BUFFER_BYTES; i += 8) *(uint64_t *)(buffer + i) = i;
    printf("{\"int8Instructions\": \"%s\", \"fp32Gflops\": %.1f, \"int8Gops\": %.1f, \"readGBs\": %.2f}\n", INSTRUCTIONS,
           best(multiply_floats, threads), best(multiply_bytes, threads), best(read_memory, threads));
    return 0;
}
