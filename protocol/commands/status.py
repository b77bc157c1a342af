"""Status words of the reader and its cards, each with a sentence and a remedy for users.

Words 6xxx are ISO/IEC 7816-4 clause 5.6; words 9xxx other than 9000 are Project-defined (the standard
leaves 9xxx proprietary). SSV codes are the public ones of the SSV manual; where it publishes none for a
situation the code is 0xF0FF, "incoherent message", or none at all.
"""

from __future__ import annotations

from enum import IntEnum
from typing import Self


class Status(IntEnum):
    """One status word: its value, SSV code, sentence and remedy in French and English.

    Source: ISO/IEC 7816-4 §5.6 for 6xxx; Project-defined for 9xxx.
    """

    ssv: int | None
    fr: str
    en: str
    fr_action: str
    en_action: str

    def __new__(
        cls, word: int, ssv: int | None, fr: str, en: str, fr_action: str = "", en_action: str = ""
    ) -> Self:
        member = int.__new__(cls, word)
        member._value_ = word
        member.ssv = ssv
        member.fr = fr
        member.en = en
        member.fr_action = fr_action
        member.en_action = en_action
        return member

    OK = 0x9000, None, "Terminé", "Done"

    WRONG_LENGTH = (
        0x6700,
        0xF0FF,
        "Longueur de message incorrecte",
        "Wrong message length",
        "Mettez à jour le logiciel du poste",
        "Update the workstation's software",
    )
    CHANNEL_NOT_SUPPORTED = (
        0x6881,
        0xF0FF,
        "Canal logique non prévu ou non ouvert",
        "Logical channel not supported, or not open",
        "Ouvrez le canal, ou utilisez le canal de base",
        "Open the channel, or use the basic one",
    )
    CHAINING_EXPECTED = (
        0x6883,
        0xF100,
        "Dernière commande de la chaîne attendue",
        "The last command of the chain is expected",
        "Recommencez l'opération",
        "Start the operation again",
    )
    CHAINING_NOT_SUPPORTED = (
        0x6884,
        0xF0FF,
        "Chaînage de commandes non prévu",
        "Command chaining is not supported",
        "Envoyez une commande étendue",
        "Send one extended command",
    )
    COMMAND_INCOMPATIBLE = (
        0x6981,
        0xF0FF,
        "Commande incompatible avec la structure du fichier",
        "The command does not fit the file's structure",
        "Sélectionnez un autre fichier",
        "Select another file",
    )
    NOT_AUTHENTICATED = (
        0x6982,
        0xF003,
        "Code porteur non présenté",
        "The code porteur has not been verified",
        "Présentez le code porteur de la carte PS",
        "Verify the code porteur of the PS card",
    )
    CODE_BLOCKED = (
        0x6983,
        0xF004,
        "Carte bloquée après trois codes faux",
        "The card is blocked after three wrong codes",
        "Faites débloquer la carte",
        "Have the card unblocked",
    )
    DATA_INVALIDATED = (
        0x6984,
        0xF004,
        "Donnée de référence inutilisable",
        "The reference data is unusable",
        "Remplacez la carte",
        "Replace the card",
    )
    CONDITIONS_NOT_SATISFIED = (
        0x6985,
        0xF100,
        "Commande hors séquence",
        "The command comes out of order",
        "Recommencez l'opération depuis le début",
        "Start the operation again from its beginning",
    )
    NO_CURRENT_FILE = (
        0x6986,
        0xF0FF,
        "Aucun fichier sélectionné",
        "No file is selected",
        "Sélectionnez un fichier",
        "Select a file first",
    )
    WRONG_DATA = (
        0x6A80,
        0xF0FF,
        "Données incorrectes",
        "Incorrect data in the command",
        "Vérifiez les données envoyées",
        "Check the data that was sent",
    )
    FUNCTION_NOT_SUPPORTED = (
        0x6A81,
        0xF0FF,
        "Fonction non prévue",
        "Function not supported",
        "Mettez le lecteur à jour",
        "Update the reader",
    )
    FILE_NOT_FOUND = (
        0x6A82,
        0xF004,
        "Fichier absent de la carte",
        "File not found on the card",
        "Essayez une autre carte",
        "Try another card",
    )
    RECORD_NOT_FOUND = (
        0x6A83,
        0xF004,
        "Enregistrement absent",
        "Record not found",
        "Essayez une autre carte",
        "Try another card",
    )
    WRONG_PARAMETERS = (
        0x6A86,
        0xF0FF,
        "Paramètres P1-P2 incorrects",
        "Incorrect parameters P1-P2",
        "Mettez à jour le logiciel du poste",
        "Update the workstation's software",
    )
    REFERENCE_NOT_FOUND = (
        0x6A88,
        0xF0FF,
        "Donnée de référence absente",
        "Referenced data not found",
        "Vérifiez le numéro demandé",
        "Check the number asked for",
    )
    WRONG_OFFSET = (
        0x6B00,
        0xF0FF,
        "Position hors du fichier",
        "Offset outside the file",
        "Mettez à jour le logiciel du poste",
        "Update the workstation's software",
    )
    INSTRUCTION_NOT_SUPPORTED = (
        0x6D00,
        0xF0FF,
        "Commande inconnue de cette version du lecteur",
        "This version of the reader does not know the command",
        "Vérifiez la version du lecteur et mettez-le à jour",
        "Check the reader's version and update it",
    )
    CLASS_NOT_SUPPORTED = (
        0x6E00,
        0xF0FF,
        "Classe de commande inconnue",
        "Command class not supported",
        "Mettez à jour le logiciel du poste",
        "Update the workstation's software",
    )
    INTERNAL = (
        0x6F00,
        0xF0FF,
        "Erreur interne du lecteur",
        "Internal error of the reader",
        "Éteignez et rallumez le lecteur, attendez ATTENTE ORDRE, puis recommencez",
        "Switch the reader off and on, wait for ATTENTE ORDRE, then try again",
    )
    MEMORY_FAILURE = (
        0x6581,
        0xF0FF,
        "Mémoire défaillante",
        "Memory failure",
        "Déchargez les factures et faites réviser le lecteur",
        "Pull the invoices and have the reader serviced",
    )

    EXCHANGE_ABANDONED = (
        0x9040,
        0x0040,
        "Échange abandonné",
        "The exchange was abandoned",
        "Recommencez l'opération",
        "Start the operation again",
    )
    READER_HELD = (
        0x9108,
        0x0004,
        "Lecteur occupé par une autre application",
        "The reader is held by another application",
        "Fermez l'autre application ou attendez qu'elle termine",
        "Close the other application or wait until it has finished",
    )
    PS_CARD_ABSENT = (
        0x9101,
        0xF001,
        "Carte PS absente",
        "No PS card in the reader",
        "Insérez la carte PS",
        "Insert the PS card",
    )
    PS_CARD_UNUSABLE = (
        0x9104,
        0xF004,
        "Carte PS invalide ou inutilisable",
        "The PS card is invalid or unusable",
        "Utilisez une autre carte PS",
        "Use another PS card",
    )
    PS_CARD_EXPIRED = (
        0x9105,
        0xF004,
        "Carte PS périmée à la date du lecteur",
        "The PS card is not valid at the reader's date",
        "Vérifiez la date du lecteur, sinon faites renouveler la carte",
        "Check the reader's clock, otherwise have the card renewed",
    )
    VITALE_ABSENT = (
        0x9111,
        0xF011,
        "Carte Vitale absente",
        "No Vitale card in the reader",
        "Insérez la carte Vitale du patient",
        "Insert the patient's Vitale card",
    )
    VITALE_MUTE = (
        0x9114,
        0xF014,
        "Dialogue impossible avec la carte Vitale",
        "Cannot talk to the Vitale card",
        "Retirez puis réinsérez la carte",
        "Take the card out and insert it again",
    )
    VITALE_WITHDRAWN = (
        0x9115,
        0xF015,
        "Carte Vitale retirée",
        "The Vitale card was withdrawn",
        "Réinsérez la carte et recommencez",
        "Insert the card and start again",
    )
    VITALE_UNUSABLE = (
        0x9116,
        0xF014,
        "Carte Vitale invalide ou périmée",
        "The Vitale card is invalid or expired",
        "Facturez en mode dégradé",
        "Bill the invoice in degraded mode",
    )
    VITALE_NOT_READ = (
        0x9117,
        0xF014,
        "Carte inconnue ou Vitale 1 : non lue",
        "An unknown card or a Vitale 1, which this reader does not read",
        "Facturez en mode dégradé",
        "Bill the invoice in degraded mode",
    )
    CARDS_MIXED = (
        0x9126,
        0xF026,
        "Carte de test et carte réelle mélangées",
        "A test card and a real card are mixed",
        "N'utilisez que des cartes du même type",
        "Use cards of one kind only",
    )
    CODE_LOST = (
        0x9121,
        0xFF21,
        "Code porteur perdu par le lecteur",
        "The reader lost the code porteur",
        "Présentez à nouveau le code porteur",
        "Verify the code porteur again",
    )
    NO_FREE_SLOT = (
        0x9201,
        None,
        "Mémoire du lecteur pleine",
        "The reader's memory is full",
        "Déchargez les factures déjà certifiées, puis recommencez",
        "Pull the invoices already certified, then try again",
    )
    TOO_MANY_OWNERS = (
        0x9202,
        None,
        "Trop de professionnels dans le lecteur",
        "The reader holds invoices of too many owners",
        "Déchargez les factures d'un professionnel, puis recommencez",
        "Pull one owner's invoices, then try again",
    )
    DIGEST_MISMATCH = (
        0x9203,
        0xF0FF,
        "Facture altérée pendant le transfert",
        "An invoice was altered on its way",
        "Recommencez le chargement",
        "Push again",
    )
    UNKNOWN_INVOICE = (
        0x9204,
        None,
        "Facture inconnue du lecteur",
        "The reader does not hold this invoice",
        "Listez les factures du lecteur",
        "List the reader's invoices",
    )
    INVOICE_CONFLICT = (
        0x9205,
        None,
        "Une facture différente porte déjà ce numéro",
        "Another invoice already has this number",
        "Déchargez ou effacez celle du lecteur d'abord",
        "Pull or erase the reader's one first",
    )
    INVOICE_STATE = (
        0x9206,
        None,
        "L'état de la facture ne le permet pas",
        "The invoice's state does not allow it",
        "Consultez l'état de la facture",
        "Look at the invoice's state",
    )
    NOT_OWNER = (
        0x9207,
        0xF004,
        "La carte PS n'est pas celle du titulaire",
        "The PS card is not the owner's",
        "Insérez la CPS du titulaire de la facture",
        "Insert the CPS of the invoice's owner",
    )
    NOT_ENTITLED = (
        0x9208,
        0xF004,
        "La carte PS n'est pas habilitée à signer",
        "The PS card is not entitled to sign",
        "Utilisez une carte PS habilitée",
        "Use a PS card that is entitled to sign",
    )
    BENEFICIARY_MISMATCH = (
        0x9209,
        None,
        "Bénéficiaire absent de la carte Vitale",
        "The invoice's beneficiary is not on the Vitale card",
        "Insérez la carte Vitale du patient de la facture",
        "Insert the Vitale card of the invoice's patient",
    )
    NO_RIGHTS = (
        0x920A,
        None,
        "Droits non ouverts à la date du lecteur",
        "No rights at the reader's date",
        "Facturez en mode dégradé ou faites mettre à jour la carte Vitale",
        "Bill in degraded mode or have the Vitale card updated",
    )
    NOT_ACKNOWLEDGED = (
        0x920B,
        None,
        "Des FSE certifiées n'ont pas été déchargées",
        "Certified FSEs have not been pulled yet",
        "Déchargez-les, ou insérez la CPS du titulaire pour les effacer",
        "Pull them, or insert the owner's CPS to erase them",
    )
    SIGNATURE_INVALID = (
        0x920C,
        None,
        "Une signature de la FSE est invalide",
        "A signature of the FSE does not verify",
        "Ne transmettez pas cette FSE",
        "Do not transmit this FSE",
    )
    NOT_MULTI_OWNER = (
        0x920D,
        None,
        "Ce lecteur n'accepte qu'un titulaire à la fois",
        "This reader takes one owner's invoices at a time",
        "Mettez le lecteur à jour en version 1.40",
        "Update the reader to version 1.40",
    )
    TAMPERED = (
        0x920E,
        None,
        "Le lecteur a été ouvert",
        "The reader has been opened",
        "Renvoyez le lecteur au fabricant",
        "Return the reader to its manufacturer",
    )
    VERSION_REFUSED = (
        0x920F,
        None,
        "Version refusée",
        "Version refused",
        "Choisissez une version plus récente pour ce lecteur",
        "Choose a newer version made for this reader",
    )
    RECORD_DAMAGED = (
        0x9210,
        None,
        "Enregistrement illisible dans la mémoire du lecteur",
        "A record in the reader's memory is damaged",
        "Déchargez les autres factures et refaites celle-ci",
        "Pull the other invoices and prepare this one again",
    )
    INVOICES_ON_BOARD = (
        0x9220,
        None,
        "La nouvelle version n'a pas la place des factures du lecteur",
        "The new version has no room for the invoices on board",
        "Déchargez les factures du lecteur, puis recommencez la mise à jour",
        "Pull the reader's invoices, then update again",
    )
    IMAGE_INVALID = (
        0x9221,
        0xF0FF,
        "Image de logiciel refusée : signature ou contenu faux",
        "The software image is refused: its signature or content is wrong",
        "Procurez-vous à nouveau l'image",
        "Get the image again from where it comes",
    )
    IMAGE_FOREIGN = (
        0x9222,
        None,
        "Image de logiciel destinée à un autre type de lecteur",
        "The software image is for another type of reader",
        "Choisissez l'image de ce type de lecteur",
        "Choose the image for this type of reader",
    )
    CODE_WRONG = (
        0x63C0,
        0xF003,
        "Code porteur faux",
        "Wrong code porteur",
        "Vérifiez le code ; trois codes faux bloquent la carte",
        "Check the code; three wrong ones block the card",
    )

    @classmethod
    def of(cls, word: int) -> Status | None:
        """Return the declared status of a word, `None` if undeclared; 63Cx is CODE_WRONG for every x."""
        if word & 0xFFF0 == 0x63C0:
            return cls.CODE_WRONG
        return _BY_WORD.get(word)


_BY_WORD = {int(status): status for status in Status}
