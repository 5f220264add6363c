import type { Logger } from 'pino'
import type { NodeSetup } from '../../config/node-setup.ts'
import { mustHold } from '../../core/errors.ts'
import { dataFoldersOf } from '../data-folders.ts'
import { parseHostPort } from '../network/peer-address.ts'
import { RuleLinkShaper } from '../network/rule-link-shaper.ts'
import { AdminServer } from './admin-server.ts'
import { loadAdminToken } from './admin-token.ts'
import { LinkBook } from './link-book.ts'

/** Everything of a validator that puts faults in: nothing but an idle shaper unless the configuration opens the door. */
export class FaultDoor {
  readonly shaper: RuleLinkShaper
  readonly #server: AdminServer | null

  private constructor(shaper: RuleLinkShaper, server: AdminServer | null) {
    this.shaper = shaper
    this.#server = server
  }

  /**
   * Puts the rules that an earlier process was told in force, before the first frame leaves.
   * @throws ConfigError when the token cannot be used.
   */
  static async open({ config }: NodeSetup, logger: Logger): Promise<FaultDoor> {
    const shaper = new RuleLinkShaper((rule) => logger.warn({ rule }, 'link rule over'))
    if (config.admin === undefined) return new FaultDoor(shaper, null)
    const token = await loadAdminToken(config.admin.tokenFile)
    const { linkRules } = dataFoldersOf(config.dataDirectory)
    const links = await LinkBook.open(linkRules, shaper, logger)
    const listen = parseHostPort(config.admin.listen)
    return new FaultDoor(shaper, new AdminServer({ listen, token, links, logger }))
  }

  /** Where it listens, `host:port`; only while started and open. */
  get address(): string {
    mustHold(this.#server !== null, 'the configuration opens the admin door')
    const { host, port } = this.#server.address
    return `${host}:${port}`
  }

  /** @throws AdminError when the port cannot be bound. */
  async start(): Promise<void> {
    await this.#server?.start()
  }

  async stop(): Promise<void> {
    await this.#server?.stop()
  }
}
