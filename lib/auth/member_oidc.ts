import { accept, refuse, type Result } from "@/lib/domain/result.ts";
import type { Ids } from "@/lib/ports/ids.ts";
import type { OneTimeStore, Session } from "@/lib/ports/sessions.ts";
import { type IdentityDeps, signInByIdentity, type TenantChoice } from "./identity_sign_in.ts";
import type { OidcIdentity, OidcSignIn } from "./oidc.ts";
import { hashSecret, newSecret } from "./secret.ts";
import type { StartedSession } from "./session.ts";

export interface MemberOidcDeps extends IdentityDeps {
  readonly oidc: OidcSignIn;
  readonly oneTime: OneTimeStore;
  readonly ids: Ids;
}

/** The browser that signs in. */
export interface MemberVisit {
  readonly browserSecret: string;
  readonly ip: string;
  readonly userAgent: string | null;
  readonly replaces: Session | null;
}

export type MemberOidcOutcome =
  | ({ readonly kind: "signed_in"; readonly returnTo: string } & StartedSession)
  | {
    readonly kind: "choose_tenant";
    readonly choices: readonly TenantChoice[];
    /** Stands for the person in `choose`, once, in this browser. */
    readonly choiceSecret: string;
  };

/** Members who sign in through an OpenID Connect provider. */
export interface MemberOidc {
  readonly providerName: string;
  readonly begin: OidcSignIn["begin"];
  /** Error: `sign_in_failed`. */
  finish(callback: URL, visit: MemberVisit): Promise<Result<MemberOidcOutcome>>;
  /** For a person with several tenants. Error: `sign_in_failed`. */
  choose(
    choice: { readonly choiceSecret: string; readonly tenantId: string },
    visit: MemberVisit,
  ): Promise<Result<MemberOidcOutcome>>;
}

const CHOICE_LIFE_MS = 10 * 60_000;

type Person = Pick<OidcIdentity, "email" | "provenAtMs"> & { readonly returnTo: string };

export function createMemberOidc(deps: MemberOidcDeps): MemberOidc {
  const { oidc, oneTime, clock, ids } = deps;

  async function signIn(
    person: Person,
    { visit, tenantId }: { visit: MemberVisit; tenantId?: string },
  ): Promise<Result<MemberOidcOutcome>> {
    const { browserSecret, ...facts } = visit;
    const signedIn = await signInByIdentity(
      person,
      tenantId === undefined ? facts : { ...facts, tenantId },
      deps,
    );
    if (!signedIn.ok) return signedIn;
    if (signedIn.value.kind === "signed_in") {
      return accept({ ...signedIn.value, returnTo: person.returnTo });
    }
    const choiceSecret = newSecret(ids);
    await oneTime.put(hashSecret(choiceSecret), {
      kind: "oidc_identity",
      expiresAtMs: clock.nowMs() + CHOICE_LIFE_MS,
      browserHash: hashSecret(browserSecret),
      data: {
        email: person.email,
        provenAtMs: String(person.provenAtMs),
        returnTo: person.returnTo,
      },
    });
    return accept({ kind: "choose_tenant", choices: signedIn.value.choices, choiceSecret });
  }

  return {
    providerName: oidc.providerName,
    begin: oidc.begin,

    finish: async (callback, visit) => {
      const person = await oidc.finish(callback, visit.browserSecret);
      return person.ok ? await signIn(person.value, { visit }) : person;
    },

    choose: async ({ choiceSecret, tenantId }, visit) => {
      const hash = hashSecret(choiceSecret);
      const found = await oneTime.peek(hash);
      const usable = found !== null && found.value.kind === "oidc_identity" &&
        clock.nowMs() < found.value.expiresAtMs &&
        found.value.browserHash === hashSecret(visit.browserSecret);
      if (!usable || !await oneTime.take(hash, found.versionstamp)) {
        const detail = "This choice was made already, or took too long; sign in again";
        return refuse({ code: "sign_in_failed", detail });
      }
      const { email = "", provenAtMs = "0", returnTo = "/" } = found.value.data;
      return await signIn({ email, provenAtMs: Number(provenAtMs), returnTo }, { visit, tenantId });
    },
  };
}
