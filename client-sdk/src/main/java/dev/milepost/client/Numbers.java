package dev.milepost.client;

import java.math.BigDecimal;
import java.math.BigInteger;
import org.jspecify.annotations.Nullable;

/** Converts numbers of any class without changing their values. */
final class Numbers {
  /** Up to here, doubles, the only numbers of a struct, represent every whole number. */
  static final long MAX_WHOLE = 1L << 53;

  /** No double has more digits, and a longer text takes too long to parse. */
  private static final int MAX_DIGITS = 1_100;

  private Numbers() {}

  /**
   * Returns the double that is this number; null if there is none. A decimal is one if it can be
   * read back digit by digit, as 0.1 can.
   */
  static @Nullable Double exactDouble(Number number) {
    if (number instanceof Double || number instanceof Float) {
      double value = number.doubleValue();
      return Double.isFinite(value) ? value : null;
    } else if (isIntegral(number)) {
      return exactDouble(number.longValue());
    }
    BigDecimal decimal = decimal(number);
    if (decimal == null) {
      return null;
    } else if (number instanceof BigInteger) {
      Long whole = exactLong(decimal);
      return whole == null ? null : exactDouble(whole.longValue());
    }
    double value = decimal.doubleValue();
    return Double.isFinite(value) && BigDecimal.valueOf(value).compareTo(decimal) == 0
        ? value
        : null;
  }

  private static @Nullable Double exactDouble(long whole) {
    return whole >= -MAX_WHOLE && whole <= MAX_WHOLE ? (double) whole : null;
  }

  /** Returns the whole number of 64 bits that is this number; null if there is none. */
  static @Nullable Long exactLong(Number number) {
    if (isIntegral(number)) {
      return number.longValue();
    }
    BigDecimal decimal = decimal(number);
    return decimal == null ? null : exactLong(decimal);
  }

  private static @Nullable Long exactLong(BigDecimal decimal) {
    try {
      return decimal.longValueExact();
    } catch (ArithmeticException e) {
      return null;
    }
  }

  private static boolean isIntegral(Number number) {
    return number instanceof Integer
        || number instanceof Long
        || number instanceof Short
        || number instanceof Byte;
  }

  /** Returns a number of any class as the decimal that its text says; null if it says none. */
  private static @Nullable BigDecimal decimal(Number number) {
    try {
      String text = number.toString();
      return text.length() > MAX_DIGITS ? null : new BigDecimal(text);
    } catch (RuntimeException e) {
      return null;
    }
  }
}
