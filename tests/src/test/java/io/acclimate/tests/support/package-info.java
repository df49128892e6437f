/** Provides what the end-to-end tests share. */
package io.acclimate.tests.support;
