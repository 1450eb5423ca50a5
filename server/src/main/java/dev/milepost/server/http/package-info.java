/** Pages over HTTP for operators: metrics and health. */
@NullMarked
package dev.milepost.server.http;

import org.jspecify.annotations.NullMarked;
