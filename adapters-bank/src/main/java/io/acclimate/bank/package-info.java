/** Provides parameter-efficient tuning modules and the bank that stores what they learned. */
package io.acclimate.bank;
