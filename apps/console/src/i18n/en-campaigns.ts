/** Texts of the page of campaigns. */
import type { zhCampaigns } from './zh-campaigns.ts';

export const enCampaigns: Readonly<Record<keyof typeof zhCampaigns, string>> = {
  'nav.campaigns': 'Campaigns',
  'campaigns.none': 'The parameters in force have no promotion with a budget, and none has given anything',
  'campaigns.noneHint': 'State period and budget with a promotion of a parameter draft.',
  'campaigns.hint':
    'What was given is counted from the explanation of each cleared fare, by business day: a ride sent twice counts once, one sent late on its own day.',
  'campaigns.campaign': 'Campaign',
  'campaigns.budget': 'Budget',
  'campaigns.margin': 'margin',
  'campaigns.given': 'Given',
  'campaigns.left': 'Left',
  'campaigns.over': 'Over budget',
  'campaigns.overHint':
    'Given by offline terminals that had not heard of the end; whoever pays for the campaign carries it, no rider pays more',
  'campaigns.rides': 'Rides',
  'campaigns.forecast': 'Forecast',
  'campaigns.perDay': 'a day',
  'campaigns.usedUpOn': 'used up on',
  'campaigns.atEnd': 'by its end',
  'campaigns.endedAt': 'Ended at',
  'campaigns.told': 'Terminals that know of the end',
  'campaigns.day': 'Business day',
  'campaigns.open': 'open',
  'campaigns.noDays': 'Nothing given yet',
  'campaigns.state.coming': 'not begun',
  'campaigns.state.running': 'running',
  'campaigns.state.used-up': 'budget used up',
  'campaigns.state.over': 'period over',
  'campaigns.state.gone': 'no longer in the parameters in force',
};
