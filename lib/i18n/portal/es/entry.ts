import type { EntryMessages } from "../en/entry.ts";

/** Signing in, errors and mails, in Spanish. */
export const entry: EntryMessages = {
  look_in_mail: "Mire su correo",
  fresh_proof: "Hace falta una nueva prueba de que es usted: inicie sesión otra vez.",
  session_ended: "Su sesión ha terminado. Inicie sesión de nuevo.",
  provider_failed:
    "No se pudo iniciar sesión. Solo pueden entrar las personas invitadas; inténtelo de nuevo o pida un enlace.",
  work_email: "Correo de trabajo",
  link_hint:
    "Enviamos un enlace que sirve una vez, durante 10 minutos, en este navegador. No hay contraseña.",
  send_link: "Enviar el enlace",
  sign_in_with: "Iniciar sesión con {provider}",
  link_sent:
    "Si {email} pertenece a un miembro, va en camino un enlace de acceso. Sirve una vez, durante 10 minutos, en este navegador.",
  sandbox_no_mail: "Entorno de pruebas: no se envían correos",
  open_link_here: "Abrir el enlace aquí",
  another_address: "Usar otra dirección",
  new_link: "Pedir un enlace nuevo",
  link_from_mail: "Enlace del correo",
  link_from_mail_hint: "Pegue el enlace entero, o solo su código.",
  link_signs_in: "El enlace inicia sesión en este dispositivo. Solo sirve una vez.",
  continue: "Continuar",
  join: "Unirse",
  accept_invitation: "Aceptar la invitación",
  your_name: "Su nombre",
  your_name_hint: "Los demás miembros lo ven.",
  send_again: "Enviar de nuevo",
  resume_signed_out_title: "Su sesión ha terminado",
  resume_signed_out:
    "Aún no se hizo nada, y lo que escribió se conserva en esta página. Inicie sesión en otra pestaña y envíelo desde aquí.",
  resume_signed_in_title: "Envíelo de nuevo",
  resume_signed_in:
    "El formulario es anterior a su inicio de sesión. Aún no se hizo nada; esto lo envía tal cual.",
  resume_step_up_title: "Demuestre que es usted",
  resume_step_up:
    "Hace falta una nueva prueba, y hace un rato que inició sesión. Aún no se hizo nada, y lo que escribió se conserva en esta página. Inicie sesión otra vez en otra pestaña y envíelo desde aquí.",
  sign_in_new_tab: "Iniciar sesión en otra pestaña",
  what_will_be_sent: "Qué se enviará",
  empty_value: "vacío",
  which_tenant: "¿Qué organización?",
  choose_tenant: "Elegir una organización",
  to_portal: "Al portal",
  home: "Inicio",
  request_named: "Petición {id}",
  error_400_title: "No entendemos esa petición",
  error_400: "La dirección o el formulario no son válidos. Vuelva atrás e inténtelo de nuevo.",
  error_403_title: "No permitido",
  error_403: "Ha iniciado sesión, pero su rol no lo permite.",
  error_404_title: "Aquí no hay nada",
  error_404: "La página no existe, o no le corresponde verla.",
  error_405_title: "Entrada equivocada",
  error_405: "Esta dirección no admite ese tipo de petición.",
  error_409_title: "Alguien fue más rápido",
  error_409: "Cambió entretanto. No se sobrescribió nada; recargue y vuelva a mirar.",
  error_413_title: "Demasiado de una vez",
  error_413:
    "Lo que envió supera lo que admitimos y no se guardó nada. Vuelva atrás y envíe menos.",
  error_429_title: "Demasiados intentos",
  error_429: "Espere un minuto e inténtelo de nuevo.",
  error_503_title: "No disponible ahora",
  error_503: "No se contó nada ni se perdió nada. Inténtelo de nuevo en un momento.",
  error_500_title: "Algo salió mal",
  error_500: "Es culpa nuestra y ha quedado registrado. Inténtelo de nuevo en un momento.",
  mail_link_subject: "Su enlace de acceso",
  mail_link_text:
    "Abra este enlace antes de 10 minutos en el navegador donde lo pidió. Sirve una vez.",
  mail_link_ignore: "Si no lo pidió, ignore este correo.",
  mail_invitation_subject: "Le invitan a Clawmeter",
  mail_invitation_text: "{inviter} le invita a {tenant} en Clawmeter.",
  mail_invitation_ignore:
    "El enlace sirve una vez, durante siete días. Si no lo esperaba, ignore este correo.",
};
