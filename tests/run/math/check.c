/*
 * check: compare <math.h> with the results of table.c, read from stdin.
 *
 * Prints a line for each function and type, "NAME TYPE COUNT WORST X Y": how
 * many calls, the largest error in units in the last place of the exact
 * result, and where it was.  A special value that is wrong (a NaN, an
 * infinity, a zero of the wrong sign) counts as 1e30.
 */
#include <float.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

double exp10(double);
float exp10f(float);
long double exp10l(long double);

#define ONE(name)                                       \
    {                                                   \
#        name, name##f, name, name##l, NULL, NULL, NULL \
    }
#define TWO(name)                                       \
    {                                                   \
#        name, NULL, NULL, NULL, name##f, name, name##l \
    }

static const struct function {
    const char *name;
    float (*f1)(float);
    double (*d1)(double);
    long double (*l1)(long double);
    float (*f2)(float, float);
    double (*d2)(double, double);
    long double (*l2)(long double, long double);
} functions[] = {
    ONE(sqrt),   ONE(cbrt),
    ONE(exp),    ONE(exp2),
    ONE(exp10),  ONE(expm1),
    ONE(log),    {"log2", log2f, (log2), log2l, NULL, NULL, NULL},
    ONE(log10),  ONE(log1p),
    ONE(sin),    ONE(cos),
    ONE(tan),    ONE(asin),
    ONE(acos),   ONE(atan),
    ONE(sinh),   ONE(cosh),
    ONE(tanh),   ONE(asinh),
    ONE(acosh),  ONE(atanh),
    ONE(erf),    ONE(erfc),
    ONE(tgamma), ONE(lgamma),
    ONE(floor),  ONE(ceil),
    ONE(trunc),  ONE(round),
    ONE(rint),   TWO(pow),
    TWO(atan2),  TWO(hypot),
    TWO(fmod),   TWO(remainder),
    TWO(fdim),
};

static const struct function *find(const char *name)
{
    for (size_t i = 0; i < sizeof(functions) / sizeof(*functions); i++)
        if (strcmp(functions[i].name, name) == 0)
            return &functions[i];
    printf("no function %s\n", name);
    exit(1);
}

static long double call(const struct function *f, char type, long double x,
                        long double y)
{
    if (type == 'f')
        return f->f1 ? f->f1((float)x) : f->f2((float)x, (float)y);
    if (type == 'd')
        return f->d1 ? f->d1((double)x) : f->d2((double)x, (double)y);
    return f->l1 ? f->l1(x) : f->l2(x, y);
}

/* One unit in the last place of a result of this size. */
static long double unit_of(long double value, char type)
{
    int digits = type == 'f' ? 24 : type == 'd' ? 53 : 64;
    int least = type == 'f' ? -149 : type == 'd' ? -1074 : -16445;
    int exponent;

    frexpl(value, &exponent);
    exponent -= digits;
    return ldexpl(1, exponent < least ? least : exponent);
}

static long double largest_of(char type)
{
    return type == 'f' ? FLT_MAX : type == 'd' ? DBL_MAX : LDBL_MAX;
}

static long double error_of(long double got, long double exact, char type)
{
    if (isnan(exact) || isnan(got))
        return isnan(exact) && isnan(got) ? 0 : 1e30L;
    if (isinf(got) || isinf(exact) || fabsl(exact) > largest_of(type)) {
        long double limit =
            largest_of(type) - unit_of(largest_of(type), type) * 2;

        return fabsl(got) >= limit && fabsl(exact) >= limit &&
                       signbit(got) == signbit(exact) &&
                       (!isinf(exact) || isinf(got))
                   ? 0
                   : 1e30L;
    }
    if (exact == 0)
        return got == 0 && signbit(got) == signbit(exact) ? 0 : 1e30L;
    return fabsl(got - exact) / unit_of(exact, type);
}

int main(void)
{
    char name[16], last[32] = "";
    char type;
    char line[256];
    long double result, x, y, worst = 0, worst_x = 0, worst_y = 0;
    int count = 0;

    while (fgets(line, sizeof(line), stdin) != NULL) {
        char now[32];
        long double error;

        y = 0;
        if (sscanf(line, "%15s %c %Lf %Lf %Lf", name, &type, &result, &x, &y) <
            4)
            return 1;
        snprintf(now, sizeof(now), "%s %c", name, type);
        if (strcmp(now, last) != 0) {
            if (count > 0)
                printf("%s %d %.3Lg %La %La\n", last, count, worst, worst_x,
                       worst_y);
            strcpy(last, now);
            count = 0;
            worst = worst_x = worst_y = 0;
        }
        error = error_of(call(find(name), type, x, y), result, type);
        count++;
        if (error > worst) {
            worst = error;
            worst_x = x;
            worst_y = y;
        }
    }
    printf("%s %d %.3Lg %La %La\n", last, count, worst, worst_x, worst_y);
    return 0;
}
