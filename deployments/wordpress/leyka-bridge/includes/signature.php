<?php
/**
 * The signature that both directions share: `t=<Unix time>,v1=<hex HMAC-SHA256 of "t.message">`.
 *
 * @package LeykaBridge
 */

namespace LeykaBridge;

defined( 'ABSPATH' ) || exit;

const SIGNATURE_HEADER = 'X-Leyka-Bridge-Signature';
const EVENT_HEADER     = 'X-Leyka-Bridge-Event';

/** A signature older, or newer, than this is refused: whoever records a request cannot repeat it later. */
const VALID_SECONDS = 300;

/**
 * The value of the signature header.
 */
function signature( string $message, int $time, string $key ): string {
	return "t={$time},v1=" . hash_hmac( 'sha256', "{$time}.{$message}", $key );
}

/**
 * Whether a header was made for this message, with this key, just now. Without a key nothing is.
 */
function is_signed( string $header, string $message, int $now, string $key ): bool {
	if ( '' === $key || ! preg_match( '/^t=(\d{1,12}),v1=[0-9a-f]{64}$/D', $header, $found ) ) {
		return false;
	}
	$time = (int) $found[1];
	return abs( $now - $time ) <= VALID_SECONDS && hash_equals( signature( $message, $time, $key ), $header );
}
