//! The closed lists of RSA and of resources, with the codes of the national flows. Their French wording is the
//! pages' matter.

use super::codes::codes;

codes! {
    /// The nationality of a person, as far as rights depend on it (nati).
    Nationality {
        /// French.
        French = "F",
        /// Of the European Union, its economic area, or Switzerland.
        European = "C",
        /// Another.
        Other = "A",
    }
}

codes! {
    /// How a pregnancy ended (natfingro).
    PregnancyEnd {
        /// A birth.
        Birth = "N",
        /// It was interrupted.
        Interrupted = "I",
        /// A stillborn child, without civil status.
        Stillborn = "M",
        /// The mother left the household.
        Left = "D",
        /// The file was struck off before the end was known.
        StruckOff = "R",
        /// Its end was not justified.
        Unjustified = "F",
    }
}

codes! {
    /// The kind of fund that pays (fonorg).
    Fund {
        /// A CAF.
        Caf = "CAF",
        /// An MSA caisse.
        Msa = "MSA",
    }
}

codes! {
    /// What a claimant was for the funds (statudemrsa).
    DemandStatus {
        /// Of no fund.
        Nobody = "N",
        /// Of this CAF.
        Caf = "C",
        /// Of another CAF.
        OtherCaf = "A",
        /// Of this MSA.
        Msa = "M",
        /// Of another MSA.
        OtherMsa = "S",
    }
}

codes! {
    /// How an application came to be (oridemrsa).
    DemandOrigin {
        /// It was made.
        Made = "DEM",
        /// It followed an RMI.
        Rmi = "RMI",
        /// It followed an API.
        Api = "API",
    }
}

codes! {
    /// How far an RSA file has come (etatdosrsa).
    RsaState {
        /// Not defined.
        Undefined = "Z",
        /// A new application, not decided.
        Pending = "0",
        /// Refused.
        Refused = "1",
        /// Open, and payable.
        Open = "2",
        /// Open and suspended: the amount can be computed, the right itself is in doubt.
        Suspended = "3",
        /// Open, its payment suspended: the amount cannot be computed.
        PaymentSuspended = "4",
        /// Closed.
        Closed = "5",
        /// Closed in an earlier month, with debts handed over or put right.
        ClosedBefore = "6",
    }
}

codes! {
    /// A kind of RSA (natpf).
    RsaNature {
        /// Socle.
        Base = "RSD",
        /// Socle majoré.
        RaisedBase = "RSI",
        /// Socle, contrat aidé.
        AidedBase = "RSU",
        /// Socle local.
        LocalBase = "RSB",
        /// Activité.
        Activity = "RCD",
        /// Activité majoré.
        RaisedActivity = "RCI",
        /// Activité, contrat aidé.
        AidedActivity = "RCU",
        /// Activité local.
        LocalActivity = "RCB",
        /// Jeune, socle.
        YoungBase = "RSJ",
        /// Jeune, activité.
        YoungActivity = "RCJ",
    }
}

codes! {
    /// Why a file was closed (moticlorsa).
    ClosingMotive {
        /// By decision of the président du conseil départemental.
        Decision = "PCG",
        /// Four months without any right.
        Term = "ECH",
        /// The change from RMI or API was undone.
        Undone = "EFF",
        /// It went to another fund.
        Moved = "MUT",
        /// It was joined with another.
        Joined = "RGD",
        /// Struck off, the right being over.
        StruckOffEnd = "RFD",
        /// Struck off for another motive.
        StruckOffOther = "RAU",
        /// Struck off (RST).
        StruckOffRst = "RST",
        /// Struck off (RSO).
        StruckOffRso = "RSO",
    }
}

codes! {
    /// Why payment is held (motisusversrsa).
    PaymentHold {
        /// Resources too high.
        TooMuch = "01",
        /// Under twenty-five.
        TooYoung = "02",
        /// Activity that does not fit.
        Activity = "03",
        /// A residence permit that does not hold.
        Permit = "04",
        /// Less than the least that is paid.
        TooLittle = "05",
        /// The quarterly declaration is not there.
        Declaration = "06",
        /// Residence that does not fit.
        Residence = "09",
        /// A benefit left out by a partial affiliation.
        Affiliation = "31",
        /// A scheme that does not fit.
        Scheme = "34",
        /// A pension not asked for, or late.
        Pension = "35",
        /// No residence permit.
        NoPermit = "36",
        /// No beneficiary.
        NoBeneficiary = "85",
        /// A reduced AAH.
        ReducedAah = "97",
        /// The beneficiary left the household.
        Absent = "AB",
        /// A decision of the président du conseil départemental is awaited.
        Awaited = "CV",
        /// A sanction.
        Sanction = "CG",
        /// Young person: too little work before.
        YoungTooLittle = "CZ",
        /// Young person: no work before.
        YoungNone = "DA",
        /// Young person: a student who earns too little.
        YoungStudent = "DB",
        /// Young person: work before that does not fit.
        YoungOther = "DC",
    }
}

codes! {
    /// Why a right is held: for the whole file (D…), or for its group of benefits (G…) (motisusdrorsa).
    RightHold {
        /// File: family situation.
        FileFamily = "DA",
        /// File: resources.
        FileIncome = "DB",
        /// File: administrative inquiry.
        FileInquiry = "DC",
        /// File: social inquiry.
        FileSocialInquiry = "DD",
        /// File: a control form not sent back.
        FileControl = "DE",
        /// File: no notice of a change of fund.
        FileMove = "DF",
        /// File: death of Madame.
        FileDeathMadame = "DG",
        /// File: death of Monsieur.
        FileDeathMonsieur = "DH",
        /// File: another motive.
        FileOther = "DI",
        /// File: a payment sent back or stopped.
        FilePayment = "DJ",
        /// File: unemployment insurance did not answer.
        FileUnemployment = "DK",
        /// File: no longer at that address.
        FileAddress = "DL",
        /// File: residence unknown.
        FileResidence = "DM",
        /// File: diverging rights, social security.
        FileDivergingHealth = "DN",
        /// File: diverging rights, old age.
        FileDivergingAge = "DO",
        /// File: control of a parent unable to pay.
        FileParent = "DP",
        /// Group: administrative inquiry.
        GroupInquiry = "GA",
        /// Group: a control form not sent back.
        GroupControl = "GC",
        /// Group: the self-employed figure not given.
        GroupSelfEmployed = "GE",
        /// Group: family situation.
        GroupFamily = "GF",
        /// Group: the form of a change of fund not given.
        GroupMove = "GI",
        /// Group: suspended by the président du conseil départemental.
        GroupDecision = "GJ",
        /// Group: integration contract.
        GroupContract = "GK",
        /// Group: an action not begun.
        GroupAction = "GL",
        /// Group: control of activity and resources.
        GroupIncome = "GR",
        /// Group: social inquiry.
        GroupSocialInquiry = "GS",
        /// Group: another motive.
        GroupOther = "GX",
    }
}

codes! {
    /// From what an income comes (natress).
    IncomeNature {
        /// Nothing.
        Nothing = "000",
        /// Wages.
        Wages = "001",
        /// Wages paid abroad.
        WagesAbroad = "005",
        /// Partial unemployment.
        PartialUnemployment = "009",
        /// Unemployment benefit.
        Unemployment = "010",
        /// Sick pay, maternity, paternity.
        Sickness = "011",
        /// Accident at work.
        Accident = "012",
        /// Early retirement.
        EarlyRetirement = "020",
        /// Disability pension.
        Disability = "021",
        /// Old-age pension, taxable.
        OldAge = "022",
        /// Widow’s allowance.
        Widowhood = "025",
        /// Maintenance received.
        Maintenance = "026",
        /// Old-age pension, not taxable.
        OldAgeUntaxed = "028",
        /// Income of the self-employed.
        SelfEmployed = "030",
        /// Farmer’s lump figure.
        Farmer = "032",
        /// Rents.
        Rents = "040",
        /// Other taxable income.
        OtherTaxable = "041",
        /// Annuity of an accident at work.
        AccidentAnnuity = "070",
        /// Income of an integration activity.
        Integration = "200",
        /// Training.
        Training = "201",
        /// Regular help.
        Help = "203",
        /// Family benefits of another body.
        OtherBenefits = "206",
        /// Student grant.
        Grant = "212",
        /// Income of somebody who founds a business.
        Founder = "306",
        /// Guaranteed resources.
        Guaranteed = "402",
        /// Complement of pay.
        Complement = "404",
        /// Direct wage of a sheltered job.
        Sheltered = "405",
        /// Family benefits from abroad.
        ForeignBenefits = "500",
    }
}

#[cfg(test)]
mod tests {
    use super::super::codes::there_and_back;
    use super::*;

    #[test]
    fn each_code_leads_back_to_its_value() {
        there_and_back!(Nationality PregnancyEnd Fund DemandStatus DemandOrigin RsaState RsaNature ClosingMotive
            PaymentHold RightHold IncomeNature);
    }
}
