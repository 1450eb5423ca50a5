/**
 * The bridge from SLF4J with Logback to the journals of jobs: {@link
 * dev.milepost.logback.JobAppender}.
 */
@NullMarked
package dev.milepost.logback;

import org.jspecify.annotations.NullMarked;
