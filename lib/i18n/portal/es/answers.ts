import type { AnswersMessages } from "../en/answers.ts";

/** What an action did, and what is wrong with a form, in Spanish. */
export const answers: AnswersMessages = {
  flash_key_revoked: "La clave está revocada; desde ahora se rechazan las llamadas con ella.",
  flash_plan_changed: "El plan ha cambiado. Cuenta desde la próxima llamada.",
  flash_budget_saved: "El presupuesto está guardado.",
  flash_budget_removed: "El presupuesto se ha quitado.",
  flash_alerts_saved: "Las alertas están guardadas.",
  flash_alert_tested: "Va en camino una alerta de prueba.",
  flash_alert_test_failed: "No se pudo entregar la alerta de prueba; revise direcciones y webhook.",
  flash_alert_no_channel: "No hay ni dirección de correo ni webhook de destino.",
  flash_settings_saved: "Los ajustes están guardados.",
  flash_member_invited: "La invitación va en camino.",
  flash_mail_failed:
    "La invitación existe, pero no se pudo enviar su correo. Revóquela e inténtelo de nuevo.",
  flash_member_changed: "El rol ha cambiado.",
  flash_member_removed: "El miembro se ha quitado y su sesión está cerrada en todas partes.",
  flash_invitation_revoked: "La invitación ya no sirve.",
  flash_session_ended: "La sesión ha terminado.",
  flash_conflict: "Otra persona lo cambió entretanto. No se sobrescribió nada; vuelva a mirar.",
  flash_units_outstanding:
    "Aún hay uso en camino al proveedor de pagos. Mire su plan e inténtelo de nuevo en un minuto.",
  flash_key_sent_before:
    "Esto se envió dos veces. La clave se creó y solo la primera respuesta mostró su secreto: si no lo tiene, rote o revoque la clave más reciente.",
  flash_sent_before: "Esto ya se envió y se hizo. No se hizo nada por segunda vez.",
  flash_not_confirmed: "No se hizo nada: la confirmación no coincidía.",
  flash_last_owner: "Una organización necesita al menos un propietario.",
  flash_refused: "Se rechazó. No se cambió nada.",
  flash_billing_unavailable: "El proveedor de pagos no responde ahora. Inténtelo más tarde.",
  fault_name: "Un nombre tiene de 1 a 200 caracteres",
  fault_scopes: "Elija al menos un permiso",
  fault_addresses:
    "Cada línea es una dirección o un rango CIDR como 203.0.113.0/24, 50 como máximo",
  fault_expiry: "Una clave caduca después de ahora y antes de diez años",
  fault_too_many_keys: "Una organización tiene como máximo 50 claves activas; revoque una antes",
  fault_time_zone: "Elija una zona horaria como Europe/Paris",
  fault_locale: "Elija uno de los idiomas",
  fault_color: "El color debe escribirse como #rrggbb",
  fault_url: "Una dirección https pública sin nombre de usuario, o nada",
  fault_amount: "Un número como 12.50, mayor que cero; vacío para no tener presupuesto",
  fault_emails: "Como máximo 5 direcciones de correo, separadas por comas",
  fault_email: "No es una dirección de correo como ada@example.com",
  fault_member_exists: "Esta persona ya es miembro",
  fault_invitation_exists:
    "Esta dirección ya está invitada; revoque esa invitación para enviar otra",
  fault_too_many_members: "No caben más miembros ni invitaciones abiertas",
  fault_link_invalid: "Este enlace ya se usó o es demasiado antiguo; pida uno nuevo",
  fault_link_other_browser: "Abra el enlace en el navegador donde lo pidió, o pida uno nuevo aquí",
  fault_invitation_gone: "Esta invitación se usó, se revocó o es demasiado antigua; pida una nueva",
  fault_rate_limited: "Demasiados intentos; inténtelo de nuevo en {minutes} min",
  fault_other: "Se rechazó; revíselo e inténtelo de nuevo",
  flash_too_often:
    "Eso se hizo muchas veces hace un momento. Inténtelo de nuevo en un cuarto de hora.",
  flash_sessions_ended: "Sus otras sesiones han terminado.",
};
