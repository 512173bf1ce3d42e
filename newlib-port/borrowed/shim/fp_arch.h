/* i386 has no special floating-point barriers: the defaults of libm.h serve. */
