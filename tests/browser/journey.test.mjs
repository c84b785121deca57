// The journey: a partner registered, its service opened, its people habilitated under a cap, a file read by
// its agent, and the traces of all this. Real pages, by the words that people read on them, in the
// demonstration. Each step stands on those before it.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { openBrowser, sitDown } from './support/browser.mjs';
import { examine } from './support/checks.mjs';
import { startDemo } from './support/demo.mjs';
import { Mailbox } from './support/mail.mjs';
import { allTraces, choosePassword, fill, follow, lookUp, press, recorded, signIn, signOut, title, words } from './support/person.mjs';

const PARTNER = 'Maison des Trois Tilleuls';
const MISSION = 'Calcul des participations familiales à l’accueil de loisirs';
const PRINCIPAL = { given: 'Solveig', surname: 'Tamarin', mail: 'solveig.tamarin@trois-tilleuls.example' };
const FIRST = { given: 'Ysaline', surname: 'Quervel', mail: 'ysaline.quervel@trois-tilleuls.example' };
const SECOND = { given: 'Corentin', surname: 'Vauzelle', mail: 'corentin.vauzelle@trois-tilleuls.example' };
const PASSWORD = 'nacelle grivois tambour ecluse';
const UNKNOWN_NUMBER = '9999999';

let demo, mailbox, browser, organism, auditor, principal, agent, colleague, broken;

before(async () => {
  demo = await startDemo();
  mailbox = new Mailbox(demo.mail);
  browser = await openBrowser();
  [organism, auditor, principal, agent, colleague] = await Promise.all(
    Array.from({ length: 5 }, () => sitDown(browser, demo.address)),
  );
});

after(async () => {
  await browser?.close();
  await demo?.stop();
});

/** One step; after a failure the others are not tried: they would only say so again. */
function step(name, act) {
  test(name, async (t) => {
    if (broken) return t.skip(`«${broken}» failed`);
    broken = name;
    await act();
    broken = undefined;
  });
}

function today() {
  return new Intl.DateTimeFormat('sv-SE', { timeZone: 'Europe/Paris' }).format(new Date());
}

/** First sign-in: the identifier that was handed over, the code that came by mail, then a password of one's own. */
async function firstSignIn(page, person) {
  const mail = await mailbox.next(person.mail);
  const [, code] = mail.text.match(/^\s{4}(\S.*)$/m);
  assert.ok(!mail.text.includes(person.identifier), 'the identifier and the code travel apart');
  await signIn(page, { identifier: person.identifier, password: code });
  assert.equal(await title(page), 'Choisissez votre mot de passe');
  await page.goto('/traces');
  assert.equal(await title(page), 'Choisissez votre mot de passe', 'nothing else opens before');
}

async function openPartner(page, tab) {
  await follow(page, 'Partenaires');
  await follow(page, PARTNER);
  if (tab) await follow(page, tab, page.getByRole('navigation', { name: PARTNER }));
}

async function addPerson({ given, surname, mail }) {
  await follow(principal, 'Utilisateurs');
  await follow(principal, 'Ajouter une personne');
  await fill(principal, {
    Prénom: given,
    Nom: surname,
    Fonction: 'Agent d’accueil',
    'Courriel professionnel personnel': mail,
  });
  await press(principal, 'Ajouter cette personne');
  assert.match(await words(principal), new RegExp(`C’est fait : ${given} ${surname} a un compte`));
  return recorded(principal, 'Identifiant');
}

/** Fills the grant of the role «Quotient familial» in, and sends it. */
async function grant({ given, surname }, places) {
  await follow(principal, 'Habilitations');
  await follow(principal, 'Habiliter une personne');
  await principal.getByRole('radio', { name: surname }).check();
  await principal.getByRole('group', { name: 'Rôle' }).getByRole('radio', { name: 'Quotient familial' }).check();
  if (places) {
    await principal.getByRole('radio', { name: 'Une partie' }).check();
    await principal.getByLabel('Lieux, si une partie seulement').fill(places);
  }
  await press(principal, /^Habiliter/);
}

step('the sign-in page welcomes, and refuses without saying what was wrong', async () => {
  await organism.goto('/');
  await examine(organism, 'signing in');
  await signIn(organism, { identifier: 'MON-000000', password: 'une phrase au hasard' });
  await examine(organism, 'signing in refused');
  const unknown = await words(organism);
  await signIn(organism, { identifier: demo.people.get('Agente de la commune').identifier, password: 'une autre phrase' });
  assert.equal(await words(organism), unknown);
});

step('the organism’s administrator arrives on what waits for her', async () => {
  await signIn(organism, demo.people.get('Administratrice de la caisse'));
  await examine(organism, 'dashboard of the organism');
});

step('a wrong SIRET is refused beside its field, and what was typed is kept', async () => {
  await follow(organism, 'Partenaires');
  await examine(organism, 'partners');
  await follow(organism, 'Enregistrer un partenaire');
  await examine(organism, 'registering a partner');
  await fill(organism, {
    SIRET: '999 000 425 00011',
    'Raison sociale': PARTNER,
    'Numéro et rue': '4, rue des Tisserands',
    'Code postal': '59370',
    Ville: 'Mons-en-Barœul',
    Numéro: '2026-99900042500010',
    'Représentant légal': 'Aurèle Montcornet',
    'Sa fonction': 'Présidente',
    'Nom du contact sécurité': 'Eudes Larivoire',
    'Nom du contact protection des données': 'Hermine Sautel',
    'Signée le': '2026-01-12',
  });
  await organism.getByLabel('Catégorie').selectOption('Association');
  const security = organism.getByRole('region', { name: 'Contact sécurité' });
  await security.getByLabel('Son courriel').fill('securite@trois-tilleuls.example');
  const protection = organism.getByRole('region', { name: 'Protection des données' });
  await protection.getByLabel('Son courriel').fill('dpo@trois-tilleuls.example');
  await press(organism, 'Enregistrer le partenaire');
  const siret = organism.getByLabel('SIRET', { exact: true });
  assert.equal(await siret.getAttribute('aria-invalid'), 'true');
  assert.equal(await siret.inputValue(), '999 000 425 00011');
  assert.equal(await organism.getByLabel('Raison sociale').inputValue(), PARTNER);
  const beside = (await siret.getAttribute('aria-describedby')).split(' ');
  assert.match(await organism.locator(`#${beside.at(-1)}`).innerText(), /sa clé de contrôle est fausse/);
  await examine(organism, 'a partner refused');
});

step('the partner is registered once its SIRET is right', async () => {
  await organism.getByLabel('SIRET', { exact: true }).fill('999 000 425 00010');
  await press(organism, 'Enregistrer le partenaire');
  assert.match(await words(organism), /C’est fait : Maison des Trois Tilleuls est enregistré/);
  await examine(organism, 'a partner just registered');
  await follow(organism, 'Corriger la fiche');
  await examine(organism, 'correcting a partner');
});

step('a membership says which condition is missing, and opens once it is there', async () => {
  await openPartner(organism);
  await follow(organism, 'Ajouter un bulletin');
  await examine(organism, 'a new membership');
  await organism.getByRole('radio', { name: 'Consultation du dossier allocataire' }).check();
  await organism.getByLabel('Mission 1').fill(MISSION);
  await organism.getByLabel('Mission 2').fill('Accès aux informations d’adressage des familles');
  await organism.getByLabel('Chercher une commune').fill('mons-en-b');
  await press(organism, 'Chercher');
  await examine(organism, 'a commune searched for');
  await organism.getByRole('checkbox', { name: 'Mons-en-Barœul' }).check();
  await fill(organism, {
    'Communes et départements': 'Lille',
    'Formalité de protection des données faite le': '2026-01-15',
    'Bulletin d’adhésion signé le': '2026-01-20',
    'Service mis à disposition à partir du': today(),
    'Plafond du service': '3',
  });
  await press(organism, 'Enregistrer le bulletin');
  assert.match(await words(organism), /quand sera connue.* contrat/);
  await examine(organism, 'a membership that waits');
  await follow(organism, 'Corriger le bulletin');
  await examine(organism, 'correcting a membership');
  await organism.getByLabel('Contrat de service signé le').fill('2026-01-20');
  await press(organism, 'Enregistrer les corrections');
  await organism.getByText('Ouvert', { exact: true }).first().waitFor();
});

step('the cap is brought to one person', async () => {
  await follow(organism, 'Fixer les plafonds');
  await examine(organism, 'caps');
  await organism.getByLabel('Plafond du service').fill('1');
  await press(organism, 'Fixer ces plafonds');
  assert.match(await words(organism), /0 sur 1/);
  await examine(organism, 'an open membership');
});

step('the principal is named; the identifier is shown, the code is not', async () => {
  await openPartner(organism);
  await follow(organism, 'Nommer l’administrateur principal');
  await examine(organism, 'naming the principal');
  await fill(organism, {
    Nom: PRINCIPAL.surname,
    Prénom: PRINCIPAL.given,
    Fonction: 'Directrice',
    'Courriel professionnel personnel': PRINCIPAL.mail,
  });
  await press(organism, 'Nommer cette personne');
  const [, identifier] = (await words(organism)).match(/Identifiant à lui remettre : (\S+)/);
  PRINCIPAL.identifier = identifier;
  await examine(organism, 'a partner with its principal');
});

step('the principal must first choose a password', async () => {
  await firstSignIn(principal, PRINCIPAL);
  await examine(principal, 'choosing a password');
  await choosePassword(principal, 'trop court');
  assert.match(await words(principal), /Ce mot de passe est trop court/);
  await examine(principal, 'a password refused');
  await choosePassword(principal, PASSWORD);
  await examine(principal, 'dashboard of the principal');
});

step('the principal creates two users', async () => {
  await follow(principal, 'Habilitations');
  await examine(principal, 'nobody holds anything');
  await follow(principal, 'Utilisateurs');
  await examine(principal, 'users');
  await follow(principal, 'Ajouter une personne');
  await examine(principal, 'a new user');
  FIRST.identifier = await addPerson(FIRST);
  await examine(principal, 'a user just created');
  await follow(principal, 'Imprimer la lettre d’identifiant');
  await examine(principal, 'the letter with the identifier');
  await follow(principal, 'Revenir à la fiche');
  SECOND.identifier = await addPerson(SECOND);
});

step('the first grant passes, the second is refused with the number', async () => {
  await follow(principal, 'Habilitations');
  await follow(principal, 'Habiliter une personne');
  await examine(principal, 'a new grant');
  await principal.getByRole('radio', { name: FIRST.surname }).check();
  await principal.getByRole('group', { name: 'Rôle' }).getByRole('radio', { name: 'Quotient familial' }).check();
  await press(principal, 'Calculer l’aperçu');
  await examine(principal, 'what a grant will change');
  await press(principal, 'Habiliter Ysaline Quervel');
  assert.match(await words(principal), /C’est fait : Ysaline Quervel a un rôle de plus/);
  await examine(principal, 'a user with a role');
  await grant(SECOND, 'Lille');
  assert.match(await words(principal), /accorde 1 place à votre structure .* ; 1 personne est déjà comptée/);
  assert.ok(await principal.getByRole('radio', { name: SECOND.surname }).isChecked(), 'what was chosen is kept');
  await examine(principal, 'a grant refused');
});

step('the principal asks for more places', async () => {
  await follow(principal, 'Demander à l’organisme de relever le plafond');
  await examine(principal, 'asking for places');
  await principal.getByRole('radio', { name: 'Tout le service' }).check();
  await principal.getByLabel('Nombre de personnes voulu en tout').fill('2');
  await principal.getByLabel('Motif').fill('Un second agent au guichet à partir de lundi.');
  await press(principal, 'Envoyer cette demande');
  await principal.getByText('En attente').first().waitFor();
  await examine(principal, 'places asked for');
});

step('the organism sees the request on its dashboard, and accepts', async () => {
  await follow(organism, 'Accueil');
  assert.match(await words(organism), new RegExp(PARTNER));
  await examine(organism, 'dashboard with a request');
  await follow(organism, 'Demandes de places');
  await examine(organism, 'requests');
  await follow(organism, 'Répondre');
  await examine(organism, 'answering a request');
  await organism.getByLabel('Nouveau plafond').fill('2');
  await press(organism, 'Accepter et relever le plafond');
  assert.match(await words(organism), /C’est fait : le plafond est relevé/);
  await examine(organism, 'requests answered');
});

step('the second grant now passes', async () => {
  await grant(SECOND, 'Lille');
  assert.match(await words(principal), /C’est fait : Corentin Vauzelle a un rôle de plus/);
  await follow(principal, 'Habilitations');
  assert.match(await words(principal), /2 sur 2/);
  await examine(principal, 'grants at their cap');
});

step('the agent signs in for the first time, and sees what he holds', async () => {
  await firstSignIn(agent, FIRST);
  await choosePassword(agent, PASSWORD);
  await examine(agent, 'dashboard of the agent');
  await follow(agent, 'Mes habilitations');
  await examine(agent, 'what I hold');
});

step('the agent states her mission and reads only the rubrics of her role', async () => {
  await follow(agent, 'Consulter un dossier');
  await examine(agent, 'looking up');
  await lookUp(agent, demo.fileNumber);
  assert.match(await words(agent), /Choisissez|Ce champ est à remplir/);
  await examine(agent, 'a look-up without a mission');
  await agent.getByLabel(MISSION).check();
  await lookUp(agent, demo.fileNumber);
  assert.equal(await title(agent), 'Dossier ouvert');
  assert.ok(!agent.url().includes(demo.fileNumber), 'no number in the address');
  await agent.getByRole('region', { name: 'Quotient familial' }).waitFor();
  for (const hidden of ['Adresse', 'Famille', 'Droits']) {
    assert.equal(await agent.getByRole('region', { name: hidden }).count(), 0, `${hidden} is not hers to read`);
  }
  await examine(agent, 'a file');
});

step('a number that nobody has answers like one that is out of reach', async () => {
  await firstSignIn(colleague, SECOND);
  await choosePassword(colleague, PASSWORD);
  await follow(colleague, 'Consulter un dossier');
  await colleague.getByLabel(MISSION).check();
  await lookUp(colleague, UNKNOWN_NUMBER);
  const unknown = await words(colleague);
  await examine(colleague, 'no file to show');
  await lookUp(colleague, demo.fileNumber);
  assert.equal(await words(colleague), unknown);
  assert.match(unknown, /Aucun dossier à afficher pour ce numéro/);
});

step('withdrawing the role closes the file at once, and frees the place', async () => {
  await follow(principal, 'Habilitations');
  await follow(principal, `Retirer ce rôle à ${FIRST.surname} ${FIRST.given}`);
  await examine(principal, 'withdrawing a role');
  await principal.getByLabel('Motif').fill('Changement de poste.');
  await press(principal, 'Retirer ce rôle à');
  assert.match(await words(principal), /C’est fait : le rôle est retiré/);
  await follow(principal, 'Habilitations');
  assert.match(await words(principal), /1 sur 2/);
  await agent.reload();
  assert.match(await words(agent), /Aucun dossier n’est à votre portée/);
  await examine(agent, 'nothing left to look up');
});

step('signing out leaves nothing behind', async () => {
  await signOut(agent);
  assert.match(await words(agent), /Vous êtes déconnecté/);
  await examine(agent, 'signed out');
  await agent.goto('/consultation');
  assert.equal(await title(agent), 'Se connecter');
});

step('the principal reads the traces of the partner, refusals included', async () => {
  await follow(principal, 'Traces');
  await examine(principal, 'traces of the partner');
  const read = await allTraces(principal);
  for (const act of [
    'Connexion Solveig Tamarin',
    'Utilisateur créé Solveig Tamarin',
    'Habilitation refusée : plafond du service atteint Solveig Tamarin',
    'Places demandées Solveig Tamarin',
    'Réponse à une demande de places Odile Marchepont',
    `Consultation d’un dossier n° ${demo.fileNumber} Ysaline Quervel`,
    `Recherche d’un dossier n° ${UNKNOWN_NUMBER} : aucun dossier remis Corentin Vauzelle`,
    `Recherche d’un dossier n° ${demo.fileNumber} : aucun dossier remis Corentin Vauzelle`,
    'Habilitation retirée Solveig Tamarin',
    'Fin de session : à la demande de la personne Ysaline Quervel',
  ]) {
    assert.ok(read.includes(act), `${act}\n${read}`);
  }
  await principal.getByText('Plus de critères').click();
  await principal.getByLabel('Résultat').selectOption('Refusé');
  await press(principal, 'Chercher');
  await examine(principal, 'traces searched');
  await principal.getByLabel('Identifiant ou nom d’une personne').fill('Personne de ce nom');
  await press(principal, 'Chercher');
  await examine(principal, 'traces of nobody');
});

step('the auditor reads them too, with what only the organism did and knows', async () => {
  await signIn(auditor, demo.people.get('Auditeur de la caisse'));
  await examine(auditor, 'dashboard of the auditor');
  await follow(auditor, 'Traces');
  await auditor.getByLabel('Partenaire', { exact: true }).selectOption(PARTNER);
  await press(auditor, 'Chercher');
  await examine(auditor, 'traces of the organism');
  const read = await allTraces(auditor);
  for (const act of [
    'Partenaire enregistré Odile Marchepont',
    'Bulletin d’adhésion ouvert Odile Marchepont',
    'Plafond fixé Odile Marchepont',
    'Administrateur principal désigné Odile Marchepont',
    'Habilitation refusée : plafond du service atteint Solveig Tamarin',
    `Recherche d’un dossier n° ${UNKNOWN_NUMBER} : numéro inconnu Corentin Vauzelle`,
    `Recherche d’un dossier n° ${demo.fileNumber} : hors périmètre Corentin Vauzelle`,
  ]) {
    assert.ok(read.includes(act), `${act}\n${read}`);
  }
});

step('what is not for somebody does not exist for him', async () => {
  await colleague.goto('/traces');
  assert.match(await title(colleague), /Cette page n’existe pas, ou pas pour vous/);
  await examine(colleague, 'not found');
  for (const link of ['Aide et contact', 'Accessibilité', 'Mentions légales', 'Données personnelles', 'Cookies', 'Plan du site']) {
    await follow(colleague, link, colleague.getByRole('contentinfo'));
    await examine(colleague, `help ${link}`);
  }
});
