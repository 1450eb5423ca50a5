package dev.milepost.client;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;

/**
 * Generates values of the worst kinds from a random source: each of their methods may throw
 * anything. A test framework must not see them, since it calls those methods too.
 */
final class HostileValues {
  private final Random random;

  HostileValues(Random random) {
    this.random = random;
  }

  /** A map with any keys and values, of any shape and depth. */
  Map<Object, Object> map() {
    return map(4);
  }

  private Map<Object, Object> map(int depth) {
    Map<Object, Object> map = new LinkedHashMap<>();
    for (int i = random.nextInt(8); i > 0; i--) {
      map.put(key(), value(depth - 1));
    }
    return map;
  }

  private Object value(int depth) {
    int kind = random.nextInt(depth <= 0 ? 4 : 8);
    if (kind == 4) {
      return map(depth);
    } else if (kind == 5) {
      return new Object[] {value(depth - 1), value(depth - 1)};
    } else if (kind > 5) {
      return Arrays.asList(value(depth - 1), value(depth - 1), value(depth - 1));
    }
    return leaf();
  }

  private Object key() {
    Object[] keys = {text(), text(), 1, "1", 1L, TimeUnit.DAYS, null, new Throwing(error())};
    return keys[random.nextInt(keys.length)];
  }

  private Object leaf() {
    return switch (random.nextInt(14)) {
      case 0 -> text();
      case 1 -> text().repeat(random.nextInt(2_000));
      case 2 -> random.nextLong();
      case 3 -> Double.longBitsToDouble(random.nextLong());
      case 4 -> new BigDecimal(new BigInteger(80, random), random.nextInt(40) - 20);
      case 5 -> itself();
      case 6 -> endless();
      case 7 -> nested(random.nextInt(200));
      case 8 -> doubling();
      case 9 -> new Throwing(error());
      case 10 -> throwingMap(error());
      case 11 -> throwingNumber(error());
      default -> {
        Object[] others = {
          null,
          Double.NaN,
          Double.NEGATIVE_INFINITY,
          -0.0,
          9_007_199_254_740_993L,
          new BigDecimal("1E+1000000000"),
          new AtomicLong(Long.MIN_VALUE),
          "\ud800",
          'x',
          '\udc00',
          Optional.empty(),
          Path.of("a", "b"),
          Instant.MAX,
          new int[] {1, 2},
          new Object(),
          TimeUnit.DAYS
        };
        yield others[random.nextInt(others.length)];
      }
    };
  }

  /** A text of any characters, control characters and halves of surrogate pairs among them. */
  String text() {
    StringBuilder text = new StringBuilder();
    for (int i = random.nextInt(20); i > 0; i--) {
      text.append((char) random.nextInt(random.nextBoolean() ? 0x80 : 0x10000));
    }
    return text.toString();
  }

  /** What methods of user code may throw. */
  Throwable error() {
    return switch (random.nextInt(5)) {
      case 0 -> new IllegalStateException("hostile");
      case 1 -> new StackOverflowError();
      case 2 -> new OutOfMemoryError("hostile");
      case 3 -> new LinkageError();
      default -> new AssertionError();
    };
  }

  private static Object itself() {
    Map<String, Object> map = new HashMap<>();
    List<Object> list = new ArrayList<>(List.of(map, map));
    map.put("a", list);
    map.put("b", map);
    return map;
  }

  private static Object endless() {
    return (Iterable<Object>)
        () ->
            new Iterator<>() {
              @Override
              public boolean hasNext() {
                return true;
              }

              @Override
              public Object next() {
                return "again";
              }
            };
  }

  /** Maps in one another. */
  static Map<String, Object> nested(int depth) {
    Map<String, Object> map = new LinkedHashMap<>();
    return depth == 0 ? map : wrap(map, nested(depth - 1));
  }

  private static Map<String, Object> wrap(Map<String, Object> map, Object inner) {
    map.put("in", inner);
    return map;
  }

  /** A small list whose text would have 2^60 parts. */
  private static Object doubling() {
    List<Object> list = List.of();
    for (int i = 0; i < 60; i++) {
      list = Arrays.asList(list, list);
    }
    return list;
  }

  private static Object throwingMap(Throwable error) {
    return new HashMap<String, Object>() {
      private static final long serialVersionUID = 1;

      @Override
      public java.util.Set<Entry<String, Object>> entrySet() {
        throw HostileValues.sneaky(error);
      }
    };
  }

  private static Object throwingNumber(Throwable error) {
    return new Number() {
      private static final long serialVersionUID = 1;

      @Override
      public int intValue() {
        throw HostileValues.sneaky(error);
      }

      @Override
      public long longValue() {
        throw HostileValues.sneaky(error);
      }

      @Override
      public float floatValue() {
        throw HostileValues.sneaky(error);
      }

      @Override
      public double doubleValue() {
        throw HostileValues.sneaky(error);
      }
    };
  }

  /** Throws any exception where the compiler expects another one; never returns. */
  static RuntimeException sneaky(Throwable thrown) {
    HostileValues.<RuntimeException>throwAs(thrown);
    throw new AssertionError();
  }

  @SuppressWarnings("unchecked")
  private static <T extends Throwable> void throwAs(Throwable thrown) throws T {
    throw (T) thrown;
  }

  /** An object whose methods all throw. */
  private static final class Throwing implements CharSequence {
    private final Throwable thrown;

    Throwing(Throwable thrown) {
      this.thrown = thrown;
    }

    @Override
    public String toString() {
      throw HostileValues.sneaky(thrown);
    }

    @Override
    public int length() {
      throw HostileValues.sneaky(thrown);
    }

    @Override
    public char charAt(int index) {
      throw HostileValues.sneaky(thrown);
    }

    @Override
    public CharSequence subSequence(int start, int end) {
      throw HostileValues.sneaky(thrown);
    }
  }
}
