package dev.milepost.client;

import java.util.ArrayList;
import java.util.Collections;
import java.util.IdentityHashMap;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Describes exceptions whose own methods may throw, return null or never come to an end: a cause
 * that is its own cause, or a new one with each call.
 */
final class ThrowableText {
  /** Maximum number of exceptions in one trace, causes and suppressed ones together. */
  private static final int MAX_EXCEPTIONS = 32;

  /** Maximum number of frames of each exception, tried in turn until all causes fit. */
  private static final int[] MAX_FRAMES = {1_024, 48, 12};

  private static final int MAX_HEADLINE = 1_024;

  private ThrowableText() {}

  /** Returns an exception's message, or its class name if it has none. */
  static String message(Throwable thrown) {
    try {
      String message = thrown.getMessage();
      return message == null ? UserCode.className(thrown) : message;
    } catch (Throwable ofGetMessage) {
      return UserCode.className(thrown)
          + " (its getMessage() threw "
          + UserCode.className(ofGetMessage)
          + ")";
    }
  }

  /** Returns an exception and its causes, each of them once, at most 32. */
  static List<Throwable> causes(Throwable thrown) {
    Set<Throwable> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    List<Throwable> causes = new ArrayList<>();
    Throwable next = thrown;
    while (next != null && causes.size() < MAX_EXCEPTIONS && seen.add(next)) {
      causes.add(next);
      next = UserCode.orNull(next::getCause);
    }
    return causes;
  }

  /** Whether a logger can print the exception: its methods and those of its causes work. */
  static boolean isPrintable(Throwable thrown) {
    Trace trace = new Trace(MAX_FRAMES[0], Integer.MAX_VALUE);
    trace.add(thrown, "", "");
    return trace.isFaithful;
  }

  /**
   * Returns the stack trace as Java prints it, with the frames that each exception shares with the
   * one it caused left out. If it is too long, each exception loses frames, so that the last cause
   * is still in it.
   */
  static String trace(Throwable thrown, int characters) {
    String text = "";
    for (int frames : MAX_FRAMES) {
      Trace trace = new Trace(frames, characters);
      trace.add(thrown, "", "");
      text = trace.text.toString();
      if (!Texts.isLonger(text, characters)) {
        return Texts.wellFormed(text);
      }
    }
    return Texts.cut(text, characters);
  }

  private static final class Trace {
    private final StringBuilder text = new StringBuilder();
    private final Set<Throwable> seen = Collections.newSetFromMap(new IdentityHashMap<>());
    private final int maxFrames;
    private final int maxCharacters;
    private boolean isFaithful = true;

    Trace(int maxFrames, int maxCharacters) {
      this.maxFrames = maxFrames;
      this.maxCharacters = maxCharacters;
    }

    void add(Throwable thrown, String indent, String caption) {
      add(thrown, indent, caption, new StackTraceElement[0]);
    }

    private void add(
        Throwable thrown, String indent, String caption, StackTraceElement[] enclosing) {
      if (text.length() > 2L * maxCharacters) {
        return;
      }
      text.append(indent).append(caption);
      if (!seen.add(thrown)) {
        text.append("[circular reference: ").append(UserCode.className(thrown)).append("]\n");
        return;
      } else if (seen.size() > MAX_EXCEPTIONS) {
        isFaithful = false;
        text.append("[further exceptions are left out]\n");
        return;
      }
      text.append(Texts.cut(headline(thrown), MAX_HEADLINE)).append('\n');
      StackTraceElement[] frames = frames(thrown);
      addFrames(frames, indent, shared(frames, enclosing));
      for (Throwable suppressed : thrown.getSuppressed()) {
        add(suppressed, indent + "\t", "Suppressed: ", frames);
      }
      Throwable cause = cause(thrown);
      if (cause != null) {
        add(cause, indent, "Caused by: ", frames);
      }
    }

    private void addFrames(StackTraceElement[] frames, String indent, int shared) {
      int own = frames.length - shared;
      int shown = Math.min(own, maxFrames);
      for (int i = 0; i < shown; i++) {
        text.append(indent).append("\tat ").append(frames[i]).append('\n');
      }
      if (shown < frames.length) {
        text.append(indent).append("\t... ").append(frames.length - shown).append(" more\n");
      }
    }

    private String headline(Throwable thrown) {
      try {
        return String.valueOf(thrown.toString());
      } catch (Throwable ofToString) {
        isFaithful = false;
        String message = message(thrown);
        String name = UserCode.className(thrown);
        return message.startsWith(name) ? message : name + ": " + message;
      }
    }

    private StackTraceElement[] frames(Throwable thrown) {
      try {
        StackTraceElement[] frames = thrown.getStackTrace().clone();
        for (StackTraceElement frame : frames) {
          if (frame == null) {
            throw new NullPointerException("a frame");
          }
        }
        return frames;
      } catch (Throwable ofGetStackTrace) {
        isFaithful = false;
        return new StackTraceElement[0];
      }
    }

    private @Nullable Throwable cause(Throwable thrown) {
      try {
        return thrown.getCause();
      } catch (Throwable ofGetCause) {
        isFaithful = false;
        return null;
      }
    }

    /** Counts the last frames that two traces have in common. */
    private static int shared(StackTraceElement[] frames, StackTraceElement[] enclosing) {
      int shared = 0;
      while (shared < frames.length
          && shared < enclosing.length
          && frames[frames.length - 1 - shared].equals(enclosing[enclosing.length - 1 - shared])) {
        shared++;
      }
      return shared;
    }
  }
}
