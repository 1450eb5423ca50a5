/** What is served over HTTP: so far, the pages for those who run the server. */
@NullMarked
package dev.milepost.server.http;

import org.jspecify.annotations.NullMarked;
