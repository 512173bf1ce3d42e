/*
 * integer.h - the part of an integer's text before its digits.
 */
#ifndef INTEGER_H
#define INTEGER_H

/*
 * Skip blanks, a sign and, for base 16 or 0, "0x" if a digit follows it.
 *
 * *base becomes 8, 10 or 16 if it was 0; *negative says whether there was a
 * minus.  Returns the first digit, or null if there is none or the base is
 * neither 0 nor from 2 to 36.
 */
const char *__cairn_integer_start(const char *text, int *base, int *negative);

/* The value of a digit in any base, or 36 for what is none. */
int __cairn_digit_value(char c);

#endif
