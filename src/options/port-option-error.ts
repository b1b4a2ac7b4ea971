// Says by which option a port was asked for that cannot be had: what opens ports does not know of options.
import { HelperError, systemCode } from '../errors.js';

/** What `opening` resolves to. Its PORT_TAKEN then begins with the option, such as `--port 6881`, if a port was asked for. */
export async function namePortOption<T>(
  option: string,
  port: number | undefined,
  opening: Promise<T>,
): Promise<T> {
  try {
    return await opening;
  } catch (error) {
    // With an address that is not this machine's, no other port would be better.
    const isPort = error instanceof HelperError && systemCode(error.cause) !== 'EADDRNOTAVAIL';
    if (port === undefined || !isPort || error.code !== 'PORT_TAKEN') throw error;
    throw new HelperError('PORT_TAKEN', `${option} ${port}: ${error.message}`, { cause: error });
  }
}
