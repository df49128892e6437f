/** Provides end-to-end tests of the whole product on real data. */
package io.acclimate.tests;
