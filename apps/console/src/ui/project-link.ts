/** A link of a message names its project. Whoever works in another one is moved there, if they are a member of it. */
import { useEffect } from 'react';
import { failureFrom } from '../api/http.js';
import { chooseProject, whoAmI } from '../api/team.js';
import { go, hrefHere } from './address.js';
import { refusalLine } from './refusals.js';
import { toast } from './toast.js';

export function useProjectOf(project: string | undefined): void {
  useEffect(() => {
    if (project === undefined) return;
    whoAmI()
      .then(async (session) => {
        if (session.project !== project) await chooseProject(project);
        const isOther = session.project !== project;
        go(hrefHere({ project: undefined }), { replace: true });
        if (isOther) location.reload();
      })
      .catch((cause: unknown) => {
        const failure = failureFrom(cause);
        // Nobody is signed in yet: whoever does so comes back to this address, and is moved then.
        if (failure?.status === 401) return;
        if (failure !== undefined) toast(refusalLine(failure), 'failed');
      });
  }, [project]);
}
